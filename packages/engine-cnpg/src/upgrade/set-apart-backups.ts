import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import { backupObjects } from '../backup/taken.ts'
import { resources } from '../kubernetes/objects.ts'

/**
 * The plugin deletes the `Backup` of each base backup of a Cluster that the server of the archive which it writes into now does not have, and
 * knows them by the uid of the Cluster. Those of before an upgrade are in another server, so they are told to be of another one.
 */
export async function setApartBackups(installation: Installation, { namespace, ref, uid }: Database): Promise<void> {
  for (const { metadata: { name }, status } of await backupObjects(installation, ref)) {
    if (status?.pluginMetadata?.clusterUID === uid)
      await installation.api.merge(resources.backup, { namespace, name, subresource: 'status' }, { status: { pluginMetadata: { clusterUID: `${uid} before an upgrade` } } })
  }
}
