import type { DatabaseSpec, RestoreSource, RestoreTarget } from '@howdah/engine'
import type { Choice } from '@howdah/postgres'
import type { Archive } from '../archive/archive.ts'
import type { Binaries } from '../binaries.ts'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { Passwords } from '../member.ts'
import type { Identity } from '../state.ts'
import type { Job } from './job.ts'
import type { BackupRecord } from './manifest.ts'
import type { Goal, Replay } from './replay.ts'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { iterationsForMachines, monitorRole, parseLsn, quoteLiteral, replicationRole, scramVerifier, segmentBefore, superuserRole } from '@howdah/postgres'
import { archiveOf } from '../archive-site.ts'
import { EnvelopeError } from '../archive/envelope.ts'
import { beginSync, syncDataFolder } from '../clone.ts'
import { runErrands } from '../errands.ts'
import { syncFolder, writeAtomically } from '../files.ts'
import { reserveTimelines } from '../in-place/timelines.ts'
import { newPasswords } from '../member.ts'
import { databasePaths } from '../paths.ts'
import { beginPlace, discardPlace, socketFolderOf } from '../places.ts'
import { findPostmaster } from '../process.ts'
import { writeIdentity } from '../state.ts'
import { bringBackup, goalOf } from './bring-backup.ts'
import { copyRunning } from './copy-running.ts'
import { IncompleteBackup } from './manifest.ts'
import { replay } from './replay.ts'
import { RestoreError } from './restore-error.ts'
import { inSingleUserMode } from './single-user.ts'
import { choiceFor, secure } from './source.ts'
import { untilArchived } from './wal-archive.ts'

/** Steps from what is there to the data folder of a new database. */
export async function restoreSteps({ target }: RestoreSource, source: Database | undefined): Promise<readonly string[]> {
  return await isCopied(target, source) ? ['copy', 'replay', 'own'] : ['secure', 'fetch', 'replay', 'own']
}

/** The latest of a server that runs here is copied beside it; everything else comes out of its archive. */
export async function isCopied(target: RestoreTarget, source: Database | undefined): Promise<boolean> {
  return target.kind === 'latest' && source?.applied !== undefined && ((await findPostmaster(source.paths.data))?.ready ?? false)
}

export interface RestoreOrder {
  readonly installation: Installation
  readonly binaries: Binaries
  readonly spec: DatabaseSpec & Required<Pick<DatabaseSpec, 'from'>>
  /** The source, where it is still here. */
  readonly source: Database | undefined
  /** The address that it will have. */
  readonly port: number
}

/** A place that becomes a database when it is finished. */
export interface Restored {
  readonly root: string
  readonly identity: Identity
}

/** Make the place of a database from a backup and WAL: whole and with its identity, but not finished. */
export async function restoreDatabase({ binaries, installation, port, source, spec }: RestoreOrder, job: Job<Restored>): Promise<Restored> {
  const identity: Identity = {
    format: 1,
    ref: { id: spec.id, project: spec.project, name: spec.name },
    createdAt: new Date().toISOString(),
    major: binaries.major,
    source: binaries.source,
    madeBy: binaries.version,
    port,
    ...newPasswords(),
  }
  const { root } = await restoreState({ installation, binaries, from: spec.from, source, own: 'later', passwords: identity, taken: [] }, job)
  await writeIdentity(databasePaths(root), identity)
  return { root, identity }
}

export interface StateOrder extends Pick<RestoreOrder, 'installation' | 'binaries' | 'source'> {
  readonly from: RestoreSource
  readonly own: Replay['own']
  /** Of our roles. */
  readonly passwords: Passwords
  /** Timelines that it must not begin. */
  readonly taken: readonly number[]
}

/** The state of a database at some moment, in a place of its own: its servers' data, and the timeline that it has begun. */
export interface RestoredState {
  readonly root: string
  readonly timeline: number
}

/** Bring a state to a place of its own. Nobody but us has a password in it. */
export async function restoreState({ binaries, from, installation, own, passwords, source, taken }: StateOrder, job: Job<unknown>): Promise<RestoredState> {
  job.enter('secure')
  const archive = archiveOf(installation, from.id)
  const root = await beginPlace(installation)
  const paths = databasePaths(root)
  const { account } = installation
  try {
    const { goal, needs, isAhead } = source && await isCopied(from.target, source) ? { ...await copyBeside(source), isAhead: false } : { goal: await fetch(), needs: archive, isAhead: true }
    job.enter('replay')
    const begun = runErrands(account, async errands => await beginSync(paths.data, errands))
    const socketFolder = await socketFolderOf(installation, root)
    const giveBack = await reserveTimelines(paths.data, taken, account)
    const statements = await ofPossession(passwords)
    const settle = source && { password: source.identity.superuserPassword, statements }
    const { isSettled, timeline } = await replay({ installation, binaries, paths, socketFolder, own, settle, source: needs, isAhead }, goal, job)
    await giveBack()
    job.enter('own')
    await Promise.all([isSettled || inSingleUserMode(binaries, account, paths.data, statements, own !== undefined), begun])
    await runErrands(account, async errands => await syncDataFolder(binaries, paths.data, errands))
    await syncFolder(paths.instance)
    return { root, timeline }
  }
  catch (error) {
    await discardPlace(installation, root)
    if (error instanceof EnvelopeError || error instanceof IncompleteBackup)
      throw new RestoreError('ArchiveDamaged', `The backup cannot be restored: ${error.message}.`, 'Choose a moment that another backup reaches.', error)
    throw error
  }

  async function copyBeside(running: Database): Promise<{ goal: Goal, needs: Archive | undefined }> {
    const { label, missing, stopLsn, timeline } = await copyRunning(installation, running, paths.data, job)
    await writeAtomically(join(paths.data, 'backup_label'), label, { mode: 0o600, owner: account, durable: false })
    const isWhole = missing.length === 0
    if (!isWhole)
      await untilArchived(archive, missing, job)
    // The archive has more than belongs to the copy.
    const target: Goal['target'] = isWhole ? { kind: 'latest' } : { kind: 'backup', backup: '' }
    return { goal: { target, along: 'current', timeline, stopLsn, lastSegment: segmentBefore(parseLsn(stopLsn) ?? 0n) }, needs: isWhole ? undefined : archive }
  }

  async function fetch(): Promise<Goal> {
    const target = await secure(source, archive, from.target, job)
    const choice = await choose(target)
    const { major } = choice.backup
    if (major !== binaries.major)
      throw new RestoreError('OtherVersion', `It had PostgreSQL ${major} then, and PostgreSQL ${binaries.major} does not read that.`, `Begin a new database of version ${major} with that state.`)
    job.enter('fetch')
    await bringBackup({ installation, archive, backup: choice.backup, paths, report: text => job.say(text) }, job)
    return goalOf(choice)
  }

  async function choose(target: RestoreTarget): Promise<Choice<BackupRecord>> {
    const choice = await choiceFor(archive, source, target)
    if (typeof choice === 'string')
      throw new EngineError('invalid', choice, { pointer: '/from' })
    return choice
  }
}

/** Passwords of our roles anew, and none for anybody else: what opened the source does not open this. */
async function ofPossession({ monitorPassword, superuserPassword }: Passwords): Promise<string[]> {
  const [superuser = '', monitor = ''] = await Promise.all([superuserPassword, monitorPassword].map(async password => await scramVerifier(password, iterationsForMachines)))
  return [
    `update pg_catalog.pg_authid set rolpassword = null where rolname !~ '^(pg|howdah)_' or rolname = '${replicationRole}'`,
    `alter role ${superuserRole} password ${quoteLiteral(superuser)}`,
    `alter role ${monitorRole} password ${quoteLiteral(monitor)}`,
  ]
}
