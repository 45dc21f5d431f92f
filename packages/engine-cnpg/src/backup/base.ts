import type { Choice } from '@howdah/postgres'
import type { TakenBackup } from './taken.ts'
import { parseLsn } from '@howdah/postgres'

/** The volume that a restore goes into. */
export interface RestoreRoom {
  readonly storageGib: number
  /** Its storage class can make it larger than the volume that a snapshot is of. */
  readonly canGrow: boolean
}

/**
 * With what a restore to what was chosen begins: that for which the fewest bytes come out of the bucket. Of a snapshot that is WAL only, of
 * a backup in the archive all of its files too. Text: why nothing fits.
 */
export function baseFor(choice: Choice<TakenBackup>, room: RestoreRoom): Choice<TakenBackup> | string {
  const { backup, span, target } = choice
  const end = positionOf(backup.stopLsn)
  const candidates = target.kind === 'backup' ? [backup] : span.backups.filter(({ stopLsn }) => positionOf(stopLsn) <= end)
  const best = candidates
    .filter(candidate => fits(candidate, room))
    .reduceRight<TakenBackup | undefined>((best, candidate) => best === undefined || cost(candidate) < cost(best) ? candidate : best, undefined)
  if (best)
    return { ...choice, backup: best }
  const gib = Math.ceil(Math.max(...candidates.map(({ volumeBytes = 0 }) => volumeBytes)) / 2 ** 30)
  return `It begins with a snapshot of a volume of ${gib} GiB, ${room.canGrow ? 'and needs at least as much storage' : 'and the storage class makes volumes of other sizes from it for nobody: ask for as much storage'}.`
}

/** Kubernetes makes no volume from a snapshot of a larger one. */
function fits({ method, volumeBytes = 0 }: TakenBackup, { canGrow, storageGib }: RestoreRoom): boolean {
  const bytes = storageGib * 2 ** 30
  return method === 'archive' || volumeBytes === 0 || volumeBytes === bytes || (volumeBytes < bytes && canGrow)
}

/** Up to any moment after all of them, but for what is the same for all. */
function cost({ dataBytes, method, startLsn }: TakenBackup): bigint {
  return BigInt(method === 'archive' ? dataBytes ?? 0 : 0) - positionOf(startLsn)
}

function positionOf(lsn: string): bigint {
  return parseLsn(lsn) ?? 0n
}
