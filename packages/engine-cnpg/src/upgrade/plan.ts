import type { Capabilities, DatabaseSpec, Plan } from '@howdah/engine'
import type { Catalogue } from '@howdah/postgres'
import type { Database } from '../database.ts'
import type { BackedInstallation } from '../installation.ts'
import { refusalsOf } from '@howdah/postgres'
import { isNowReachable, readArchivedSpans } from '../backup/reach.ts'
import { isArchivingFailing } from '../phase.ts'
import { readReport } from './report.ts'

/** Its webhook refuses others: pg_upgrade took no collations over before. */
const firstThatOperatorUpgradesTo = 16

/** What becoming `spec.version` would do. `catalogue`: what that version offers. */
export async function planUpgrade(installation: BackedInstallation, db: Database, spec: DatabaseSpec, offer: { readonly capabilities: Capabilities, readonly catalogue: Catalogue }): Promise<Plan> {
  const { cluster } = db
  const { extensions, spec: applied } = cluster.state
  const now = applied?.version ?? spec.version
  const replicas = cluster.instances > 1
  const image = installation.images.find(({ major }) => major === now)?.image
  const newer = spec.version === now && image !== undefined && image !== cluster.image
  if (newer)
    return { steps: [...replicas ? ['replicas', 'hand-over'] : ['restart'], 'login'], interruption: 'restart', reasons: [replicas ? 'Replicas restart first. Sessions with the primary end once.' : `The server restarts with ${image}, and its sessions end.`], refusals: [] }
  const refusals = spec.version <= now
    ? [{ pointer: '/version', detail: spec.version < now ? `It is on PostgreSQL ${now}, and none goes back to an older major version. An upgrade can be undone for as long as what was before is kept.` : `It runs PostgreSQL ${db.observed.serverVersion ?? now}, the newest of its major version here.` }]
    : refusalsOf(spec, { ...offer, major: undefined, applied: applied && { storageGib: applied.storageGib, database: cluster.database, owner: cluster.owner } })
  const refusal = refusals.length > 0 ? undefined : refusalOf(db, spec.version)
  if (refusals.length > 0 || refusal !== undefined)
    return { steps: [], interruption: 'none', reasons: [], refusals: refusal === undefined ? refusals : [{ pointer: '/version', detail: refusal }] }
  const isBacked = isNowReachable(await readArchivedSpans(installation, db.ref, db))
  const report = await readReport(installation, db.ref)
  const tried = report?.isGood && report.interruptionMs !== null && Number.parseInt(report.to) === spec.version ? ` The last rehearsal took ${Math.ceil(report.interruptionMs / 1000)} s for that.` : ''
  return {
    steps: ['secure', 'stop', 'transfer', 'verify', 'swap', 'apply', ...extensions.length > 0 ? ['extensions'] : [], 'login'],
    interruption: 'restart',
    reasons: [
      `It serves until all that it has is in the archive; then its servers stop, pg_upgrade brings its files over, and nobody can connect meanwhile.${tried}`,
      `What it is now can be brought back from the archive, which keeps what that needs.${isBacked ? '' : ' No backup leads to it yet, so one is taken first.'}`,
      'Backups of before stay restorable, as new databases of the version of then; they cannot bring back what comes after.',
      ...replicas ? ['Its replicas are copied anew.'] : [],
    ],
    refusals: [],
  }
}

function refusalOf({ cluster, seen }: Database, version: number): string | undefined {
  if (version < firstThatOperatorUpgradesTo)
    return `The operator upgrades to PostgreSQL ${firstThatOperatorUpgradesTo} or newer.`
  if (cluster.isHibernationAsked)
    return 'It is hibernated: resume it first, so that all it has is known to be in the archive.'
  if (!seen.answers)
    return 'Its server does not answer, so nobody can say that all it has is in the archive.'
  if (!cluster.archive || isArchivingFailing(cluster))
    return 'Its WAL does not reach the archive, so what it is now could not be brought back. Put that right first.'
  return undefined
}
