import type { DatabaseRef } from '@howdah/engine'
import type { Installation } from '../installation.ts'
import { parseLsn } from '@howdah/postgres'
import { rememberEnd } from '../backup/memory.ts'
import { resources } from '../kubernetes/objects.ts'
import { namespaceOf } from '../names.ts'
import { clusterView } from '../views.ts'
import { isDecided, readInPlace, writeInPlace } from './record.ts'

/** Of a database that goes nothing is brought back, and nothing takes its place: what it was last is its end. */
export async function settleInPlace(installation: Installation, ref: DatabaseRef): Promise<void> {
  const read = await readInPlace(installation, ref)
  const { kept, pasts, swap, upgrade } = read?.record ?? {}
  if (!read || !pasts || (!kept && !swap && !upgrade))
    return
  if (upgrade) {
    // Nobody wrote since it was decided.
    const { at, lsn, server } = upgrade.past
    await writeInPlace(installation, ref, read.resourceVersion, { servers: read.record.servers, pasts, server })
    if (lsn !== undefined)
      await rememberEnd(installation, ref, { at, lsn: parseLsn(lsn) ?? 0n })
    return
  }
  const live = await installation.api.get(resources.cluster, { namespace: namespaceOf(installation.location, ref.project), name: ref.name })
  const view = live && clusterView(live)
  const past = swap && isDecided(swap, view) ? swap.past : undefined
  // Where something came after it, that is what there was last.
  const isOver = past !== undefined && view !== undefined && view.uid !== swap?.uid
  const { server, servers } = read.record
  await writeInPlace(installation, ref, read.resourceVersion, { servers, ...isOver ? { pasts: [...pasts, past], server: swap?.server } : { pasts, server } })
  if (past?.lsn !== undefined && !isOver)
    await rememberEnd(installation, ref, { at: past.at, lsn: parseLsn(past.lsn) ?? 0n })
}
