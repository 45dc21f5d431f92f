import type { DatabaseRef, Engine, Progress } from '@howdah/engine'
import type { Database } from './database.ts'
import type { Installation } from './installation.ts'
import { EngineError } from '@howdah/engine'
import { removeArchive } from './backup/backups.ts'
import { endBranchSnapshot } from './backup/branch-snapshot.ts'
import { endArchive } from './backup/end-archive.ts'
import { backupObjects } from './backup/taken.ts'
import { settleInPlace } from './in-place/settle.ts'
import { isBacked } from './installation.ts'
import { keepVolumesOf } from './keep-volumes.ts'
import { resources } from './kubernetes/objects.ts'
import { authoritySecretOf, idLabel, monitorSecretOf, namespaceOf, ownerSecretOf } from './names.ts'
import { readRemains } from './remains.ts'
import { callOffTrials } from './trial-clusters.ts'

const lookAgainMs = 500

/** Of one that somebody else deletes meanwhile, nothing more comes. Without a backup nothing can be restored, so nothing is brought there. */
async function isArchiveEnded(installation: Installation, db: Database): Promise<boolean> {
  if ((await backupObjects(installation, db.ref)).length === 0)
    return true
  try {
    return await endArchive(installation, db)
  }
  catch (error) {
    if (error instanceof EngineError && error.code === 'not-found')
      return true
    throw error
  }
}

/** Move one step towards nothing being left. The operator's objects go with the Cluster that owns them; ours go last. */
export async function destroyDatabase(installation: Installation, ref: DatabaseRef, db: Database | undefined, { keepVolumes = false }: Parameters<Engine['destroy']>[1] = {}): Promise<Progress> {
  const { api, clusters, location } = installation
  const namespace = namespaceOf(location, ref.project)
  const labels = `${idLabel}=${ref.id}`
  if (await callOffTrials(installation, ref) > 0)
    return { outcome: 'wait', step: 'delete', afterMs: lookAgainMs, reason: 'What was tried of it is being removed.' }
  await endBranchSnapshot(installation, ref)
  if (isBacked(installation))
    await settleInPlace(installation, ref)
  // Asked of the API itself: what is not in a cache may be there all the same.
  const [cluster] = await api.list(resources.cluster, { namespace, labels })
  if (cluster) {
    if (cluster.metadata.deletionTimestamp === undefined) {
      if (db && !await isArchiveEnded(installation, db))
        return { outcome: 'wait', step: 'archive', afterMs: lookAgainMs, reason: 'What was written last is on its way into the archive.' }
      if (keepVolumes)
        await keepVolumesOf(installation, ref)
      await api.delete(resources.cluster, { namespace, name: cluster.metadata.name }, { uid: cluster.metadata.uid ?? '' })
    }
    return { outcome: 'wait', step: 'delete', afterMs: lookAgainMs, reason: 'The Cluster is being removed.' }
  }
  // Another database may have the name by now.
  if (clusters.get(namespace, ref.name)?.id === ref.id)
    clusters.forget(namespace, ref.name)
  const { pods, volumes } = await readRemains(installation, ref)
  if (pods.length + volumes.length > 0)
    return { outcome: 'wait', step: 'delete', afterMs: lookAgainMs, reason: `${pods.length} pods and ${volumes.length} volumes are being removed.` }
  for (const name of [ownerSecretOf(ref), monitorSecretOf(ref), authoritySecretOf(ref)])
    await deleteOwn(name)
  // With backups the archive is kept: whoever knows for how long removes it.
  if (isBacked(installation) && (await backupObjects(installation, ref)).length === 0)
    await removeArchive(installation, ref)
  return { outcome: 'done' }

  async function deleteOwn(name: string): Promise<void> {
    const secret = await api.get(resources.secret, { namespace, name })
    if (secret?.metadata.labels?.[idLabel] === ref.id)
      await api.delete(resources.secret, { namespace, name }, { uid: secret.metadata.uid ?? '' })
  }
}
