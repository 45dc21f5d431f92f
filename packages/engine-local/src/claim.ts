import type { DatabaseSpec } from '@howdah/engine'
import type { Binaries } from './binaries.ts'
import type { Installation } from './installation.ts'
import type { PortBook } from './ports.ts'
import type { Identity } from './state.ts'
import type { WarmPool } from './warm-pool.ts'
import { randomBytes } from 'node:crypto'
import { EngineError } from '@howdah/engine'
import { Database } from './database.ts'
import { databasePaths } from './paths.ts'
import { discardPlace, socketFolderOf } from './places.ts'
import { readTopology } from './replicas/topology.ts'
import { readApplied, writeIdentity } from './state.ts'

/** Refuse what could not name an archive or stand in the name of a file. */
function checkId(id: string): void {
  if (!/^[\w-]{1,64}$/.test(id))
    throw new EngineError('invalid', 'The id of a database consists of letters, digits and hyphens.', { pointer: '/id' })
}

/** Turn a member of the pool into this database, by writing its identity into it. */
export async function claimDatabase(
  installation: Installation,
  from: { readonly pool: WarmPool, readonly ports: PortBook, readonly binaries: Binaries },
  spec: DatabaseSpec,
): Promise<Database> {
  checkId(spec.id)
  const { binaries, pool, ports } = from
  const port = await ports.reserve(spec.id)
  const identity: Identity = {
    format: 1,
    ref: { id: spec.id, project: spec.project, name: spec.name },
    createdAt: new Date().toISOString(),
    major: binaries.major,
    source: binaries.source,
    madeBy: binaries.version,
    port,
    superuserPassword: randomBytes(32).toString('base64url'),
    monitorPassword: randomBytes(32).toString('base64url'),
  }
  try {
    return await openPlace(installation, await claimMember(installation, pool, binaries, identity), identity)
  }
  catch (error) {
    ports.release(spec.id)
    throw error
  }
}

async function claimMember(installation: Installation, pool: WarmPool, binaries: Binaries, identity: Identity): Promise<string> {
  for (;;) {
    const root = await pool.take(binaries)
    try {
      // Another engine of this process may know the same member.
      if (await writeIdentity(databasePaths(root), identity))
        return root
    }
    catch (error) {
      await discardPlace(installation, root)
      throw error
    }
  }
}

/** The database that has its identity in a folder. */
export async function openPlace(installation: Installation, root: string, identity: Identity): Promise<Database> {
  const paths = databasePaths(root)
  const [socketFolder, applied, topology] = await Promise.all([socketFolderOf(installation, root), readApplied(paths), readTopology(paths.topology)])
  return new Database(installation, { identity, paths, socketFolder, applied, topology })
}
