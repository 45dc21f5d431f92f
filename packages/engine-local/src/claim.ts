import type { DatabaseSpec } from '@howdah/engine'
import type { Binaries } from './binaries.ts'
import type { Installation } from './installation.ts'
import type { PortBook } from './ports.ts'
import type { Identity } from './state.ts'
import type { WarmPool } from './warm-pool.ts'
import { randomBytes } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { Database } from './database.ts'
import { databasePaths } from './paths.ts'
import { socketFolderFor } from './socket-folder.ts'
import { readApplied, readIdentity, writeIdentity } from './state.ts'
import { removeStubbornly, throwAway } from './trash.ts'

/** Turn a folder of the pool into the database's own: by one rename, with its identity already in it. */
export async function claimDatabase(
  installation: Installation,
  from: { readonly pool: WarmPool, readonly ports: PortBook, readonly binaries: Binaries },
  spec: DatabaseSpec,
): Promise<Database> {
  // The id names a folder.
  if (!/^[\w-]{1,64}$/.test(spec.id))
    throw new EngineError('invalid', 'The id of a database consists of letters, digits and hyphens.', { pointer: '/id' })
  const { binaries, pool, ports } = from
  const [taken, port] = await Promise.all([
    pool.take(binaries),
    ports.reserve(spec.id),
  ])
  try {
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
    const [socketFolder] = await Promise.all([
      socketFolderFor(installation.paths.root, spec.id, installation.account),
      writeIdentity(databasePaths(taken), identity),
    ])
    const root = join(installation.paths.databases, spec.id)
    await discardUnfinished(installation, root)
    await rename(taken, root)
    return new Database(installation, {
      identity,
      paths: databasePaths(root),
      socketFolder,
      applied: undefined,
    })
  }
  catch (error) {
    ports.release(spec.id)
    await rm(taken, { recursive: true, force: true })
    throw error
  }
}

/** Take in a folder that is whole and has its identity, under `root`. */
export async function placeDatabase(installation: Installation, root: string, id: string): Promise<Database> {
  const identity = await readIdentity(databasePaths(root))
  if (!identity)
    throw new Error('a restored database has no identity')
  const target = join(installation.paths.databases, id)
  const socketFolder = await socketFolderFor(installation.paths.root, id, installation.account)
  await discardUnfinished(installation, target)
  await rename(root, target)
  return new Database(installation, { identity, paths: databasePaths(target), socketFolder, applied: undefined })
}

/** What a power cut left of a claim: without an identity and never in effect. Anything more is not ours to remove. */
async function discardUnfinished(installation: Installation, root: string): Promise<void> {
  const paths = databasePaths(root)
  if (await readIdentity(paths) === undefined && await readApplied(paths) === undefined) {
    const discarded = await throwAway(installation.paths, root, basename(root))
    if (discarded !== undefined)
      await removeStubbornly(discarded)
  }
}
