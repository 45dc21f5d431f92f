import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Folders of the local driver's data directory, by what they are. */
export interface Places {
  /** By the id of the database. */
  readonly databases: ReadonlyMap<string, string>
  /** Members of the warm pool that are ready. */
  readonly members: readonly string[]
  /** Places that are being made. */
  readonly unfinished: readonly string[]
}

/** What is there of databases and of databases to be. */
export async function readPlaces(dataDir: string): Promise<Places> {
  const databases = new Map<string, string>()
  const members: string[] = []
  const unfinished: string[] = []
  for (const name of await readdir(join(dataDir, 'databases')).catch(() => [])) {
    const root = join(dataDir, 'databases', name)
    const identity = await readFile(join(root, 'identity.json'), 'utf8').catch(() => undefined)
    const isRestoring = identity === undefined && await readFile(join(root, 'restoring')).then(() => true, () => false)
    if (name.endsWith('.tmp') || isRestoring)
      unfinished.push(root)
    else if (identity === undefined)
      members.push(root)
    else
      databases.set((JSON.parse(identity) as { ref: { id: string } }).ref.id, root) // the driver's own file, written whole
  }
  return { databases, members, unfinished }
}

/** The folder of a database. */
export async function placeOf(dataDir: string, id: string): Promise<string> {
  const root = (await readPlaces(dataDir)).databases.get(id)
  if (root === undefined)
    throw new Error(`there is no folder of the database ${id}`)
  return root
}

/** Where an instance of a database has its data; the first one is the only one unless there are replicas. */
export async function dataOf(dataDir: string, id: string, ordinal = 1): Promise<string> {
  return join(await placeOf(dataDir, id), 'instances', String(ordinal), 'data')
}
