import type { Archive } from './archive/archive.ts'
import type { Database } from './database.ts'
import type { Managed } from './ensure.ts'
import type { Installation } from './installation.ts'
import type { DatabasePaths } from './paths.ts'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, readIfThere } from '@howdah/machine'
import { archiveOf } from './archive-site.ts'
import { removeArchive } from './backup/expire.ts'
import { backupIds } from './backup/manifest.ts'
import { syncFolder } from './files.ts'
import { keptFolder } from './in-place/kept.ts'
import { asidePaths, databasePaths } from './paths.ts'
import { nameOfPlace, removeDiscarded } from './places.ts'
import { findPostmaster, isStoppedWithin, killLeftovers, signalStop } from './process.ts'
import { endGateway } from './replicas/gateway-link.ts'
import { throwAway } from './trash.ts'

const stopWithinMs = 5_000
const archiveWithinMs = 20_000

/** Leave nothing of a database: servers, data, secrets, socket. Of something unknown there is at most an archive. */
export async function destroyDatabase(installation: Installation, id: string, managed: Managed | undefined): Promise<void> {
  if (managed) {
    managed.db.markDeleted()
    await managed.supervisor.close()
    await managed.db.exclusive(async () => await removeDatabase(installation, managed.db))
  }
  // Last, because the archive may be away: then this is called again.
  if (installation.archives && /^[\w-]{1,64}$/.test(id))
    await removeEmptyArchive(archiveOf(installation, id))
}

async function removeDatabase(installation: Installation, { kept, paths, root }: Database): Promise<void> {
  await endGateway(paths.gateway)
  const folders = await dataFoldersOf(paths)
  if (installation.archives)
    await Promise.all(folders.map(stopInOrder))
  await Promise.all([...folders, ...kept ? [asidePaths(root, keptFolder(kept)).data] : []].map(stopAtOnce))
  // From this rename on the database is gone, whatever happens to us.
  const doomed = await throwAway(installation.paths, paths.root, nameOfPlace(paths.root))
  if (doomed !== undefined) {
    await syncFolder(installation.paths.databases)
    await removeDiscarded(installation, doomed)
  }
}

/** Of every instance. */
async function dataFoldersOf({ data, root }: DatabasePaths): Promise<string[]> {
  try {
    return (await readdir(join(root, 'instances'))).map(name => databasePaths(root, Number(name)).data)
  }
  catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR'))
      return [data]
    throw error
  }
}

/** WAL without a backup restores nothing. */
async function removeEmptyArchive(archive: Archive): Promise<void> {
  if ((await backupIds(archive)).length === 0)
    await removeArchive(archive)
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
    await removeDiscarded(installation, join(trash, name))
}
