import type { DatabaseRef, DatabaseSpec } from '@howdah/engine'
import type { Settings } from '@howdah/postgres'
import type { DatabasePaths } from './paths.ts'
import { dirname } from 'node:path'
import { createOnce, readJson, syncFile, syncFolder, writeAtomically } from './files.ts'

/** Who a database is and how we get in. Written when it is claimed, and with another major; never lost. */
export interface Identity {
  readonly format: 1
  readonly ref: DatabaseRef
  readonly createdAt: string
  readonly major: number
  /** Where its binaries came from; it keeps to them while there are any. */
  readonly source: 'bundled' | 'system'
  /** Full version that made its data folder. */
  readonly madeBy: string
  /** The address for life. */
  readonly port: number
  readonly superuserPassword: string
  readonly monitorPassword: string
  /** That the server had these passwords before it was claimed; others get them when they are configured. */
  readonly isPrepared?: true
}

/** What reads the data of a database: it changes with the major version. */
export interface ServerKind extends Pick<Identity, 'major' | 'source' | 'madeBy'> {
  readonly settings: Settings
}

/** What of the spec is in effect. Rebuilt by `ensure` from nothing if need be: every step is idempotent. */
export interface Applied {
  /** Generation that is wholly in effect; 0 until the first one is. */
  readonly generation: number
  readonly owner: string
  readonly ownerVerifier: string
  readonly database: string
  readonly spec: Pick<DatabaseSpec, 'memoryMib' | 'cpu' | 'storageGib' | 'parameters' | 'allowedCidrs'>
  /** Settings that the files hold now. */
  readonly settings: Settings
  /** Extensions that we switched on. */
  readonly extensions: readonly string[]
  readonly restartToken: string
  readonly hibernated: boolean
  /** Settings with which the server did not start; the old ones serve on. */
  readonly rejected?: { readonly digest: string, readonly message: string }
  readonly storageUsedBytes?: number
}

/**
 * Undefined when there is none, or none that can be read: it is synced before the create is acknowledged, so a power
 * cut can only spoil one that nobody was promised.
 */
export async function readIdentity(paths: DatabasePaths): Promise<Identity | undefined> {
  return await readJson(paths.identity) as Identity | undefined // our own file, written whole
}

/**
 * Make a folder this database, at once. False when somebody else did. Not yet safe from a power cut: see
 * `syncIdentity`.
 */
export async function writeIdentity(paths: DatabasePaths, identity: Identity): Promise<boolean> {
  return await createOnce(paths.identity, `${JSON.stringify(identity, null, 2)}\n`, 0o600)
}

/** The same database with other binaries. */
export async function rewriteIdentity(paths: DatabasePaths, identity: Identity): Promise<void> {
  await writeAtomically(paths.identity, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600, durable: true })
}

/** Make identity and place of a database survive a power cut. */
export async function syncIdentity(paths: DatabasePaths): Promise<void> {
  await Promise.all([syncFile(paths.identity), syncFolder(paths.root), syncFolder(dirname(paths.root))])
}

/** Undefined when there is none, or none that can be read, as with the identity. */
export async function readApplied(paths: DatabasePaths): Promise<Applied | undefined> {
  return await readJson(paths.applied) as Applied | undefined // our own file, written whole
}

/** `durable` from the moment on when the create is acknowledged. */
export async function writeApplied(paths: DatabasePaths, applied: Applied, durable: boolean): Promise<void> {
  await writeAtomically(paths.applied, `${JSON.stringify(applied, null, 2)}\n`, { mode: 0o600, durable })
}
