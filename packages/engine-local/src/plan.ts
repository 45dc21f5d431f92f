import type { Capabilities, DatabaseSpec, Plan } from '@howdah/engine'
import type { Backups } from './backup/backups.ts'
import type { Binaries } from './binaries.ts'
import type { Database } from './database.ts'
import type { Managed, Offer } from './ensure.ts'
import type { Installation } from './installation.ts'
import type { WarmPool } from './warm-pool.ts'
import { refusalsOf } from '@howdah/postgres'
import { restoreSteps } from './backup/restore.ts'
import { claimSteps } from './claim.ts'
import { interruptionOf, nextSteps } from './ensure.ts'

/** What bringing a spec into effect would do, and what of it cannot be. */
export async function planDatabase(spec: DatabaseSpec, place: {
  readonly installation: Installation
  readonly pool: WarmPool
  readonly backups: Backups
  readonly capabilities: Capabilities
  /** The database as it is; undefined when it is to be made. */
  readonly managed: Managed | undefined
  /** Undefined: there are no binaries of its version. */
  readonly offer: Offer & { readonly binaries: Binaries } | undefined
  /** What it is to be made from, where that is there. */
  readonly source: Database | undefined
}): Promise<Plan> {
  const { backups, capabilities, installation, managed, offer, pool, source } = place
  const refusals = refusalsOf(spec, {
    capabilities,
    catalogue: offer?.catalogue ?? { settings: [], extensions: [] },
    major: managed?.db.identity.major,
    applied: managed?.db.applied && { ...managed.db.applied, storageGib: managed.db.applied.spec.storageGib },
  })
  const impossible = managed || !spec.from ? undefined : await backups.refusalOf(spec.from, source, spec.version)
  if (impossible !== undefined)
    refusals.push(impossible)
  if (refusals.length > 0 || !offer)
    return { steps: [], interruption: 'none', reasons: [], refusals }
  if (managed) {
    const steps = await nextSteps(managed.db, spec, offer)
    return { steps, ...interruptionOf(steps, managed.db, spec, offer), refusals }
  }
  const begin = spec.from
    // The server that replays stays, where we know how to get in: as its source's superuser.
    ? [...await restoreSteps(spec.from, source), ...source ? [] : ['start']]
    : claimSteps(installation, { pool, ...offer }, spec)
  const steps = [...begin, 'configure', ...spec.extensions.length > 0 ? ['extensions'] : [], 'login', ...spec.hibernated ? ['stop'] : []]
  return { steps, interruption: 'none', reasons: [], refusals }
}
