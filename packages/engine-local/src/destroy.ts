import type { Managed } from './ensure.ts'
import type { Installation } from './installation.ts'
import { randomUUID } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, readIfThere, syncFolder } from './files.ts'
import { databasePaths } from './paths.ts'
import { findPostmaster, isStoppedWithin, killLeftovers, signalStop } from './process.ts'
import { socketFolderFor } from './socket-folder.ts'

const stopWithinMs = 5_000

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
  const { databases, trash } = installation.paths
  const paths = databasePaths(join(databases, id))
  await stopAtOnce(paths.data)
  // From this rename on the database is gone, whatever happens to us.
  const doomed = join(trash, `${id}.${randomUUID()}`)
  try {
    await rename(paths.root, doomed)
    await syncFolder(databases)
  }
  catch (error) {
    if (!hasCode(error, 'ENOENT'))
      throw error
    return
  }
  await removeRemains(installation, id, doomed)
}

async function removeRemains(installation: Installation, id: string, doomed: string): Promise<void> {
  const socketFolder = await socketFolderFor(installation.paths.root, id, installation.account)
  await rm(socketFolder, { recursive: true, force: true })
  await rm(doomed, { recursive: true, force: true, maxRetries: 3 })
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
    await removeRemains(installation, name.split('.')[0] ?? '', join(trash, name))
}
