import type { DatabaseRef } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { InPlaceRecord } from '../in-place/record.ts'
import type { BackedInstallation } from '../installation.ts'
import type { TakenBackup } from './taken.ts'
import { parseLsn, segmentAt } from '@howdah/postgres'
import { forgetPasts, nothingInPlace, presentIn } from '../in-place/record.ts'
import { Archive, serverOfNow } from './archive.ts'
import { readMemory, rememberPoints } from './memory.ts'

/** Remove what no backup needs that is kept: restore points, WAL before the first that one begins with, and all of a server of the archive that none is of. */
export async function trimArchive(installation: BackedInstallation, ref: DatabaseRef, db: Database | undefined, kept: readonly [TakenBackup, ...TakenBackup[]]): Promise<void> {
  const memory = await readMemory(installation, ref)
  const points = memory?.points.filter(({ at }) => at >= kept[0].finishedAt)
  if (memory && points && points.length < memory.points.length)
    await rememberPoints(installation, ref, memory, points)
  const inPlace = memory?.inPlace ?? nothingInPlace
  const { pasts, server } = presentIn(inPlace, ref.id, db?.uid)
  const inUse = new Set([server, ...db ? [serverOfNow(db)] : [], ...serversInUse(inPlace, ref)])
  for (const name of new Set([...pasts.map(({ server = ref.id }) => server), ...inUse])) {
    const archive = new Archive(installation.bucket, name)
    const begins = kept.filter(({ server }) => server === name).map(({ startLsn }) => segmentAt(parseLsn(startLsn) ?? 0n))
    // After a restore in place positions are used again, so the oldest one need not have the lowest.
    if (begins.length > 0)
      await archive.removeWalBefore(Math.min(...begins))
    else if (!inUse.has(name))
      await forget(archive, name)
  }

  /** First what there is, then that there was any, so that nothing is left of which nobody knows. */
  async function forget(archive: Archive, name: string): Promise<void> {
    await archive.remove()
    await forgetPasts(installation, ref, name)
  }
}

/** What comes, and what can be brought back: there may be no backup of it yet. */
function serversInUse({ kept, swap }: InPlaceRecord, { id }: DatabaseRef): readonly string[] {
  return [...swap ? [swap, swap.past ?? swap] : [], ...kept ? [kept.past] : []].map(({ server = id }) => server)
}
