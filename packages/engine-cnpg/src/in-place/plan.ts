import type { Plan, RestoreSource } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { BackedInstallation } from '../installation.ts'
import { chooseBackup } from '@howdah/postgres'
import { isNowReachable, readSpans } from '../backup/reach.ts'
import { isArchivingFailing } from '../phase.ts'

export const noWayBack = 'No backup leads to what it is now, so that could not be brought back; take one first.'

/** What a restore in place would do. */
export async function planInPlace(installation: BackedInstallation, db: Database, from: RestoreSource): Promise<Plan> {
  const reach = await readSpans(installation, db.ref, db)
  const { backups, memory, spans } = reach
  const choice = chooseBackup(spans, memory?.points ?? [], from.target)
  const refusal = refusalOf(db, from)
    ?? (typeof choice === 'string' ? choice : undefined)
    ?? (isNowReachable(reach) ? undefined : noWayBack)
  if (refusal !== undefined || typeof choice === 'string')
    return { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer: '/from', detail: refusal ?? '' }] }
  const { extensions, spec } = db.cluster.state
  const version = Number.parseInt(choice.backup.serverVersion)
  if (version !== spec?.version)
    return { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer: '/version', detail: `It had PostgreSQL ${version} then: that state begins a new database of version ${version}.` }] }
  const tried = backups.findLast(({ proof }) => proof?.isGood && proof.recoveryTimeMs !== null)?.proof?.recoveryTimeMs
  return {
    steps: ['secure', 'stop', 'fetch', 'swap', 'start', 'configure', ...extensions.length > 0 ? ['extensions'] : [], 'login'],
    interruption: 'restart',
    reasons: [
      `It serves until all that it has is in the archive; then its servers are removed and made again from there, and nobody can connect meanwhile.${typeof tried === 'number' ? ` The last drill took ${Math.ceil(tried / 1000)} s for that.` : ''}`,
      'What it is now can be brought back from the archive, which keeps what that needs.',
      ...db.cluster.instances > 1 ? ['Its replicas are copied anew.'] : [],
    ],
    refusals: [],
  }
}

function refusalOf({ cluster, ref, seen }: Database, { id }: RestoreSource): string | undefined {
  if (id !== ref.id)
    return 'Here a database becomes only what it was itself: make a new one from the other database.'
  if (cluster.isHibernationAsked)
    return 'It is hibernated: resume it first, so that all it has is known to be in the archive.'
  if (!seen.answers)
    return 'Its server does not answer, so nobody can say that all it has is in the archive. Begin a new database from what is there.'
  if (!cluster.archive || isArchivingFailing(cluster))
    return 'Its WAL does not reach the archive, so what it is now could not be brought back. Begin a new database instead, or put that right first.'
  return undefined
}
