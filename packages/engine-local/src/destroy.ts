import type { Archive } from './archive/archive.ts'
import type { Managed } from './ensure.ts'
import type { Installation } from './installation.ts'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { archiveOf } from './archive-site.ts'
import { removeArchive } from './backup/expire.ts'
import { backupIds } from './backup/manifest.ts'
import { readIfThere, syncFolder } from './files.ts'
import { databasePaths } from './paths.ts'
import { findPostmaster, isStoppedWithin, killLeftovers, signalStop } from './process.ts'
import { socketFolderFor } from './socket-folder.ts'
import { ownerInTrash, removeStubbornly, throwAway } from './trash.ts'

const stopWithinMs = 5_000
const archiveWithinMs = 20_000

/** Leave nothing of a database: servers, data, secrets, socket. Of something unknown: nothing to do. */
export async function destroyDatabase(installation: Installation, id: string, managed: Managed | undefined): Promise<void> {
  if (managed) {
    managed.db.markDeleted()
    await managed.supervisor.close()
    await managed.db.exclusive(async () => await removeDatabase(installation, id))
  }
  else if (/^[\w-]{1,64}$/.test(id)) {
    await removeDatabase(installation, id)
  }
}

async function removeDatabase(installation: Installation, id: string): Promise<void> {
  const { databases, restoring } = installation.paths
  const paths = databasePaths(join(databases, id))
  if (installation.archives)
    await stopInOrder(paths.data)
  await stopAtOnce(paths.data)
  await stopAtOnce(databasePaths(join(restoring, id)).data)
  await removeStubbornly(join(restoring, id))
  // From this rename on the database is gone, whatever happens to us.
  const doomed = await throwAway(installation.paths, paths.root, id)
  if (doomed !== undefined) {
    await syncFolder(databases)
    await removeRemains(installation, id, doomed)
  }
  // Last, because the archive may be away: then this is called again.
  if (installation.archives)
    await removeEmptyArchive(archiveOf(installation, id))
}

/** WAL without a backup restores nothing. */
async function removeEmptyArchive(archive: Archive): Promise<void> {
  if ((await backupIds(archive)).length === 0)
    await removeArchive(archive)
}

async function removeRemains(installation: Installation, id: string | undefined, doomed: string): Promise<void> {
  if (id !== undefined)
    await rm(await socketFolderFor(installation.paths.root, id, installation.account), { recursive: true, force: true })
  await removeStubbornly(doomed)
}

/** A server that stops in order archives its last WAL. It is not waited for for ever: its archive may be away. */
async function stopInOrder(data: string): Promise<void> {
  const server = await findPostmaster(data)
  if (!server?.ready)
    return
  signalStop(server.pid, 'fast')
  await isStoppedWithin(data, archiveWithinMs)
}

/** Nothing of it is needed again, so no checkpoint is waited for. */
async function stopAtOnce(data: string): Promise<void> {
  const server = await findPostmaster(data)
  if (server)
    signalStop(server.pid, 'immediate')
  if (!server || !await isStoppedWithin(data, stopWithinMs) || await readIfThere(join(data, 'postmaster.pid')) !== undefined)
    await killLeftovers(data)
}

/** Remove what an earlier run had begun to delete. */
export async function finishDeletions(installation: Installation): Promise<void> {
  const { trash } = installation.paths
  for (const name of await readdir(trash))
    await removeRemains(installation, ownerInTrash(name), join(trash, name))
}
