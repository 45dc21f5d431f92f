import type { Plan, RestoreSource } from '@howdah/engine'
import type { Choice } from '@howdah/postgres'
import type { TakenBackup } from '../backup/taken.ts'
import type { Database } from '../database.ts'
import type { BackedInstallation } from '../installation.ts'
import { chooseBackup } from '@howdah/postgres'
import { isNowReachable, readArchivedSpans } from '../backup/reach.ts'
import { isArchivingFailing } from '../phase.ts'

export const noWayBack = 'No backup leads to what it is now, so that could not be brought back; take one first.'

/** What a restore in place would do, to what the database was itself. */
export async function planInPlace(installation: BackedInstallation, db: Database, from: RestoreSource): Promise<Plan> {
  const reach = await readArchivedSpans(installation, db.ref, db)
  const { backups, memory, spans } = reach
  const choice = chooseBackup(spans, memory?.points ?? [], from.target)
  const refusal = refusalOf(db)
    ?? (typeof choice === 'string' ? choice : undefined)
    ?? (isNowReachable(reach) ? undefined : noWayBack)
  if (refusal !== undefined || typeof choice === 'string')
    return refused('/from', refusal ?? '')
  const version = Number.parseInt(choice.backup.serverVersion)
  if (version !== db.cluster.state.spec?.version)
    return refused('/version', `It had PostgreSQL ${version} then: that state begins a new database of version ${version}.`)
  return plannedFor(db, backups, [])
}

/** What a database is to become that is another one, as far as that is known. */
export interface OtherSource {
  readonly choice: Choice<TakenBackup> | string
  /** Undefined: it is gone. */
  readonly source: Database | undefined
}

/** What a reset would do: the database becomes what another one is. */
export async function planReset(installation: BackedInstallation, db: Database, { choice, source }: OtherSource): Promise<Plan> {
  const reach = await readArchivedSpans(installation, db.ref, db)
  const refusal = (source && refusalOfSource(source))
    ?? (typeof choice === 'string' ? (source ? choice : 'It is gone, and nothing of it is kept that could be restored.') : undefined)
    ?? ofItself(db, refusalOf(db) ?? (isNowReachable(reach) ? undefined : noWayBack))
  if (refusal !== undefined || typeof choice === 'string')
    return refused('/from', refusal ?? '')
  const { spec } = db.cluster.state
  const version = Number.parseInt(choice.backup.serverVersion)
  if (version !== spec?.version)
    return refused('/version', `It has PostgreSQL ${version}, and this one ${spec?.version ?? 'another'}: make a new branch.`)
  const bytes = Math.max(choice.backup.dataBytes ?? 0, source?.seen.storageUsedBytes ?? 0)
  if (bytes > spec.storageGib * 2 ** 30)
    return refused('/storageGib', `It has ${Math.ceil(bytes / 2 ** 30)} GiB of data, and this one has room for ${spec.storageGib} GiB: give it more first.`)
  return plannedFor(db, source ? [choice.backup] : [], ['The archive of the other one is read, and nothing is written there.'])
}

/** Why what a server has now would not be what is found in its archive. */
export function refusalOfSource({ cluster, seen }: Database): string | undefined {
  if (cluster.isHibernationAsked)
    return undefined
  if (!seen.answers)
    return 'Its server does not answer, so nobody can say what it has now.'
  return isArchivingFailing(cluster) ? 'Its WAL does not reach its archive, so what it has now is not there.' : undefined
}

function plannedFor(db: Database, backups: readonly TakenBackup[], reasons: readonly string[]): Plan {
  const tried = backups.findLast(({ proof }) => proof?.isGood && proof.recoveryTimeMs !== null)?.proof?.recoveryTimeMs
  return {
    steps: ['secure', 'stop', 'fetch', 'swap', 'start', 'configure', ...db.cluster.state.extensions.length > 0 ? ['extensions'] : [], 'login'],
    interruption: 'restart',
    reasons: [
      `It serves until all that it has is in the archive; then its servers are removed and made again from there, and nobody can connect meanwhile.${typeof tried === 'number' ? ` The last drill took ${Math.ceil(tried / 1000)} s for that.` : ''}`,
      'What it is now can be brought back from the archive, which keeps what that needs.',
      ...reasons,
      ...db.cluster.instances > 1 ? ['Its replicas are copied anew.'] : [],
    ],
    refusals: [],
  }
}

function refused(pointer: string, detail: string): Plan {
  return { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer, detail }] }
}

/** Both are spoken of. */
function ofItself({ ref }: Database, refusal: string | undefined): string | undefined {
  return refusal && `Of "${ref.name}" itself: ${refusal}`
}

function refusalOf({ cluster, seen }: Database): string | undefined {
  if (cluster.isHibernationAsked)
    return 'It is hibernated: resume it first, so that all it has is known to be in the archive.'
  if (!seen.answers)
    return 'Its server does not answer, so nobody can say that all it has is in the archive. Begin a new database from what is there.'
  if (!cluster.archive || isArchivingFailing(cluster))
    return 'Its WAL does not reach the archive, so what it is now could not be brought back. Begin a new database instead, or put that right first.'
  return undefined
}
