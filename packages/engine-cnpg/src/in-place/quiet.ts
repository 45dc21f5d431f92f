import type { ClusterObject } from '../cluster-object.ts'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { KubeApi } from '../kubernetes/api.ts'
import type { Location } from '../location.ts'
import type { ClusterManifest, ClusterSpec } from '../manifests/cluster.ts'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase, monitorRole } from '@howdah/postgres'
import { resources } from '../kubernetes/objects.ts'
import { clusterManifest } from '../manifests/cluster.ts'
import { operatorRoles, settingsParameter, superuserName } from '../names.ts'
import { isSubset } from '../subset.ts'

/** What a Cluster is made from now, without what it is to become meanwhile. Its image is the one that it has. */
export function specInEffect({ cluster, ref }: Database): ClusterSpec {
  const { restartToken, spec } = cluster.state
  if (!spec)
    throw new EngineError('unavailable', 'The database is still being made.')
  return { ...ref, ...spec, hibernated: false, restartToken, database: cluster.database, owner: { user: cluster.owner } }
}

/** Somebody was asked to let nobody in but us. */
export async function isToBeQuiet({ api, location }: Installation, db: Database): Promise<boolean> {
  const live = await liveCluster(api, db)
  return isSubset(quietManifest(location, db, live), live)
}

/**
 * Let nobody in but us, and end all other sessions: what is archived from then on is the last that was written. True: it is so.
 * Whatever comes next opens it again, because its manifest is another one.
 */
export async function quieten({ api, clusters, location }: Installation, db: Database): Promise<boolean> {
  const live = await liveCluster(api, db)
  const manifest = quietManifest(location, db, live)
  if (!isSubset(manifest, live)) {
    // What was sealed before is not the end any more.
    db.sealings.clear()
    clusters.note(await api.apply(resources.cluster, manifest, { uid: db.uid }))
  }
  return await isQuiet(db, manifest)
}

function quietManifest(location: Location, db: Database, live: ClusterObject): ClusterManifest {
  return clusterManifest({ ...specInEffect(db), allowedCidrs: [] }, location, imageOf(live), db.cluster.origin, db.cluster.archive)
}

/** As it was before it was quiet. */
export async function reopen({ api, clusters, location }: Installation, db: Database, spec = specInEffect(db)): Promise<void> {
  const live = await liveCluster(api, db)
  const manifest = openManifest(location, db, live, spec)
  if (!isSubset(manifest, live))
    clusters.note(await api.apply(resources.cluster, manifest, { uid: db.uid }))
}

/** Whether the server lets in whom it let in before. */
export async function isReopened({ api, location }: Installation, db: Database, of = specInEffect(db)): Promise<boolean> {
  const { spec } = openManifest(location, db, await liveCluster(api, db), of)
  const [row] = await db.asSuperuser(maintenanceDatabase, async session => await session.query<{ digest: string | null }>(`select current_setting('${settingsParameter}', true) as digest`))
  return row?.digest === spec.postgresql.parameters[settingsParameter]
}

function openManifest(location: Location, db: Database, live: ClusterObject, spec: ClusterSpec): ClusterManifest {
  return clusterManifest(spec, location, imageOf(live), db.cluster.origin, db.cluster.archive)
}

async function liveCluster(api: KubeApi, { namespace, ref }: Database): Promise<ClusterObject> {
  const live = await api.get<ClusterObject>(resources.cluster, { namespace, name: ref.name })
  if (!live)
    throw new EngineError('not-found', `There is no database "${ref.name}" here.`)
  return live
}

/** That it has: another one would restart its servers. */
function imageOf({ spec }: ClusterObject): string {
  return spec?.imageName ?? ''
}

async function isQuiet(db: Database, { spec }: ClusterManifest): Promise<boolean> {
  const [row] = await db.asSuperuser(maintenanceDatabase, async session => await session.query<{ digest: string | null, others: number }>(`
    select current_setting('${settingsParameter}', true) as digest, count(pid) filter (where pg_terminate_backend(pid, 2000) is not null)::int as others
    from (select pid from pg_catalog.pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() and usename <> all ($1)) as other`, [[superuserName, monitorRole, ...operatorRoles]]))
  return row !== undefined && row.digest === spec.postgresql.parameters[settingsParameter] && row.others === 0
}
