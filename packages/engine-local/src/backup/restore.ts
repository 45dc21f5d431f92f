import type { Credentials, DatabaseSpec, RestoreSource, RestoreTarget } from '@howdah/engine'
import type { Choice, OpenSession } from '@howdah/postgres'
import type { Archive } from '../archive/archive.ts'
import type { Binaries } from '../binaries.ts'
import type { Database } from '../database.ts'
import type { Errands } from '../errands.ts'
import type { Installation } from '../installation.ts'
import type { Passwords } from '../member.ts'
import type { DatabasePaths } from '../paths.ts'
import type { Identity } from '../state.ts'
import type { Job } from './job.ts'
import type { BackupRecord } from './manifest.ts'
import type { Stay } from './manner.ts'
import type { Goal, Replay, Stayed } from './replay.ts'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { bootId } from '@howdah/machine'
import { iterationsForMachines, monitorRole, parseLsn, quoteLiteral, replicationRole, scramVerifier, segmentBefore, superuserRole } from '@howdah/postgres'
import { archiveOf } from '../archive-site.ts'
import { EnvelopeError } from '../archive/envelope.ts'
import { beginSync, syncDataFolder } from '../clone.ts'
import { runErrands } from '../errands.ts'
import { syncFolder, writeAtomically } from '../files.ts'
import { reserveTimelines } from '../in-place/timelines.ts'
import { launcherOf } from '../launcher.ts'
import { newPasswords, writeMember } from '../member.ts'
import { databasePaths } from '../paths.ts'
import { beginPlace, discardPlace, settlePlace, socketFolderOf } from '../places.ts'
import { findPostmaster } from '../process.ts'
import { askToReload } from '../reload.ts'
import { settingsFor, writeServerFiles } from '../server-control.ts'
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
  /** Libraries that every server of these binaries loads. */
  readonly preload: string
}

/** A place that becomes a database when it is finished. */
export interface Restored {
  readonly root: string
  readonly identity: Identity
  /** What has replayed is its server by now. Undefined: there is none yet, and everything is safe from a power cut. */
  readonly running: StayedHere & { readonly owner: GivenOwner } | undefined
}

/** What the owner has been given already. */
export interface GivenOwner extends Credentials {
  readonly verifier: string
}

/**
 * Make a database from a backup and WAL. Its identity is the last thing that it gets. Where it can be, the server that replays stays, and is
 * given to its owner while the disk still writes down what was restored: after a power cut before that, the place is none (inventory.ts).
 */
export async function restoreDatabase({ binaries, installation, port, preload, source, spec }: RestoreOrder, job: Job<Restored>): Promise<Restored> {
  const identity: Identity = {
    format: 1,
    ref: { id: spec.id, project: spec.project, name: spec.name },
    createdAt: new Date().toISOString(),
    major: binaries.major,
    source: binaries.source,
    madeBy: binaries.version,
    port,
    ...newPasswords(),
    isPrepared: true,
  }
  const { allowedCidrs, owner } = spec
  const begun = scramVerifier(owner.password)
  // The last statement that is committed before the disk is waited for.
  const also = async (): Promise<string[]> => [`update pg_catalog.pg_authid set rolpassword = ${quoteLiteral(await begun)} where rolname = ${quoteLiteral(owner.user)}`]
  const stays = (root: string, socketFolder: string): Stay => ({ port, allowedCidrs, settings: settingsFor({ installation, identity, root, socketFolder }, spec, preload) })
  const { root, server } = await restoreState({ installation, binaries, from: spec.from, source, own: 'later', passwords: identity, taken: [], stays, also }, job)
  const paths = databasePaths(root)
  try {
    if (server)
      await writeMember(paths, { format: 1, template: 'none', boot: await bootId(), server: { port, settings: server.stay.settings, allowedCidrs } })
    await writeIdentity(paths, identity)
    // Whoever waits for it hears of it.
    server?.untilSafe.catch(() => {})
    return { root, identity, running: server && { ...server, owner: { ...owner, verifier: await begun } } }
  }
  catch (error) {
    server?.session.close()
    await discardPlace(installation, root)
    throw error
  }
}

export interface StateOrder extends Pick<RestoreOrder, 'installation' | 'binaries' | 'source'> {
  readonly from: RestoreSource
  readonly own: Replay['own']
  /** Of our roles. */
  readonly passwords: Passwords
  /** Timelines that it must not begin. */
  readonly taken: readonly number[]
  /** With what the server stays, in the place that has its name by then. Undefined: it is to stop. */
  readonly stays?: (root: string, socketFolder: string) => Stay
  /** Statements for one that stays. */
  readonly also?: () => Promise<readonly string[]>
}

/** The state of a database at some moment, in a place of its own: its servers' data, and the timeline that it has begun. */
export interface RestoredState {
  readonly root: string
  readonly timeline: number
  /** Undefined where it has stopped. */
  readonly server: StayedHere | undefined
}

interface StayedHere extends Stayed {
  readonly stay: Stay
  /** Settles when what was restored is safe from a power cut. */
  readonly untilSafe: Promise<void>
}

/** Bring a state to a place of its own. Nobody but us has a password in it. */
export async function restoreState(order: StateOrder, job: Job<unknown>): Promise<RestoredState> {
  return await runErrands(order.installation.account, async errands => await restoreBy(errands, order, job), job.signal)
}

async function restoreBy(errands: Errands, { also, binaries, from, installation, own, passwords, source, stays, taken }: StateOrder, job: Job<unknown>): Promise<RestoredState> {
  job.enter('secure')
  const archive = archiveOf(installation, from.id)
  const { account } = installation
  const possession = ofPossession(passwords)
  // Whoever waits for it hears of it.
  possession.catch(() => {})
  let root = ''
  let paths = databasePaths(root)
  let server: Omit<StayedHere, 'untilSafe'> | undefined
  try {
    const { goal, needs, isAhead } = source && await isCopied(from.target, source) ? { ...await copyBeside(source), isAhead: false } : { goal: await fetch(), needs: archive, isAhead: true }
    job.enter('replay')
    const socketFolder = await socketFolderOf(installation, root)
    if (stays) {
      root = await settlePlace(root)
      paths = databasePaths(root)
    }
    void beginSync(paths.data, errands)
    const giveBack = await reserveTimelines(paths.data, taken, account)
    const statements = await possession
    const stay = source && stays?.(root, socketFolder)
    const settle = source && {
      password: source.identity.superuserPassword,
      statements: [...statements, ...stay ? await also?.() ?? [] : []],
      databases: stay && source.applied ? [source.applied.database] : [],
    }
    const replayed = await replay({ installation, binaries, paths, socketFolder, own, settle, stays: stay, source: needs, isAhead }, goal, job)
    server = replayed.server && stay && { ...replayed.server, stay }
    await giveBack()
    job.enter('own')
    if (server)
      await letIn(paths, server)
    else if (!replayed.isSettled)
      await inSingleUserMode(binaries, account, paths.data, statements, own !== undefined)
    const untilSafe = syncDataFolder(binaries, paths.data, errands).then(async () => await syncFolder(paths.instance))
    if (!server)
      await untilSafe
    return { root, timeline: replayed.timeline, server: server && { ...server, untilSafe } }
  }
  catch (error) {
    server?.session.close()
    if (root !== '')
      await discardPlace(installation, root)
    if (error instanceof EnvelopeError || error instanceof IncompleteBackup)
      throw new RestoreError('ArchiveDamaged', `The backup cannot be restored: ${error.message}.`, 'Choose a moment that another backup reaches.', error)
    throw error
  }

  /** Answers its data folder. */
  async function begin(): Promise<string> {
    launcherOf(account).begin()
    root = await beginPlace(installation)
    paths = databasePaths(root)
    return paths.data
  }

  async function copyBeside(running: Database): Promise<{ goal: Goal, needs: Archive | undefined }> {
    const { label, missing, stopLsn, timeline } = await copyRunning(errands, installation, running, { name: 'howdah branch', prepare: begin }, job)
    await writeAtomically(join(paths.data, 'backup_label'), label, { mode: 0o600, owner: account, durable: false })
    const isWhole = missing.length === 0
    if (!isWhole)
      await untilArchived(archive, missing, job)
    // The archive has more than belongs to the copy.
    const target: Goal['target'] = isWhole ? { kind: 'latest' } : { kind: 'backup', backup: '' }
    return { goal: { target, along: 'current', timeline, stopLsn, lastSegment: segmentBefore(parseLsn(stopLsn) ?? 0n) }, needs: isWhole ? undefined : archive }
  }

  async function fetch(): Promise<Goal> {
    await begin()
    const target = await secure(source, archive, from.target, job)
    const choice = await choose(target)
    const { major } = choice.backup
    if (major !== binaries.major)
      throw new RestoreError('OtherVersion', `It had PostgreSQL ${major} then, and PostgreSQL ${binaries.major} does not read that.`, `Begin a new database of version ${major} with that state.`)
    job.enter('fetch')
    await bringBackup({ installation, archive, backup: choice.backup, paths, errands, report: text => job.say(text) }, job)
    return goalOf(choice)
  }

  async function choose(target: RestoreTarget): Promise<Choice<BackupRecord>> {
    const choice = await choiceFor(archive, source, target)
    if (typeof choice === 'string')
      throw new EngineError('invalid', choice, { pointer: '/from' })
    return choice
  }
}

/**
 * Have a server that has replayed read what it is to have from now on: it lets users in, and syncs what it says is written. What it wrote
 * before is synced by whoever comes after this, and so is what a process writes that hears of it a moment later than others.
 */
async function letIn(paths: DatabasePaths, { session, stay }: { readonly session: OpenSession, readonly stay: Stay }): Promise<void> {
  await writeServerFiles(paths, stay.settings, stay.allowedCidrs)
  if (!await (await askToReload(session))())
    throw new EngineError('unavailable', 'The server that has replayed does not read its settings. The restore begins anew.')
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
