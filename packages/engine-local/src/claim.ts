import type { DatabaseSpec } from '@howdah/engine'
import type { Restored } from './backup/restore.ts'
import type { Binaries } from './binaries.ts'
import type { Installation } from './installation.ts'
import type { Launched } from './launcher.ts'
import type { Passwords } from './member.ts'
import type { PortBook } from './ports.ts'
import type { MemberToBe, RunningMember } from './running-member.ts'
import type { Identity } from './state.ts'
import type { WarmPool } from './warm-pool.ts'
import { EngineError } from '@howdah/engine'
import { Database } from './database.ts'
import { readKept } from './in-place/kept.ts'
import { newPasswords, readMember } from './member.ts'
import { databasePaths } from './paths.ts'
import { discardPlace, nameOfPlace, socketFolderOf } from './places.ts'
import { findPostmaster } from './process.ts'
import { readTopology } from './replicas/topology.ts'
import { isAsWanted } from './running-member.ts'
import { settingsFor } from './server-control.ts'
import { readApplied, syncIdentity, writeIdentity } from './state.ts'

interface From {
  readonly pool: WarmPool
  readonly ports: PortBook
  readonly binaries: Binaries
  readonly preload: string
}

interface Claimed {
  readonly db: Database
  /** The process of its server, where this program has started it. */
  readonly server: Launched | undefined
}

/** Turn a member of the pool into this database, by writing its identity into it: one that runs, where its settings are those that are asked for. */
export async function claimDatabase(installation: Installation, from: From, spec: DatabaseSpec): Promise<Claimed> {
  // The id names an archive.
  if (!/^[\w-]{1,64}$/.test(spec.id))
    throw new EngineError('invalid', 'The id of a database consists of letters, digits and hyphens.', { pointer: '/id' })
  const { binaries, pool, ports } = from
  const isWanted = wantedFor(installation, from, spec)
  const claimed = await claimRunning(installation, from, spec, isWanted)
    // The rest of a start takes less than a whole one.
    ?? (await pool.isStarted(isWanted) ? await claimRunning(installation, from, spec, isWanted) : undefined)
  if (claimed)
    return claimed
  // To start one anew costs less than to make one.
  const other = pool.hasStopped(binaries) ? undefined : await claimRunning(installation, from, spec, () => true)
  if (other)
    return other
  try {
    await ports.reserve(spec.id)
  }
  catch (error) {
    // The last ports may be those of members, also of one that is just being started; it is then started again as wanted.
    await pool.settled
    const last = await claimRunning(installation, from, spec, () => true)
    if (last)
      return last
    throw error
  }
  return { db: await claimStopped(installation, from, spec), server: undefined }
}

/** Which running members are as this database is wanted. */
function wantedFor(installation: Installation, { binaries, preload }: Pick<From, 'binaries' | 'preload'>, spec: DatabaseSpec): (member: MemberToBe) => boolean {
  return ({ port, root, settings, socketFolder }) =>
    isAsWanted(settings, settingsFor({ installation, identity: { major: binaries.major, port }, root, socketFolder }, spec, preload))
}

/** The steps of a create, as far as they can be known before: a server that runs need not be started. */
export function claimSteps(installation: Installation, from: Pick<From, 'pool' | 'binaries' | 'preload'>, spec: DatabaseSpec): string[] {
  return from.pool.hasRunning(from.binaries, wantedFor(installation, from, spec)) ? ['claim'] : ['claim', 'start']
}

async function claimRunning(installation: Installation, { binaries, pool, ports }: From, spec: DatabaseSpec, isWanted: (member: RunningMember) => boolean): Promise<Claimed | undefined> {
  for (let member = pool.takeRunning(binaries, isWanted); member; member = pool.takeRunning(binaries, isWanted)) {
    const { passwords, port, root, server, session } = member
    // It may have died this very moment.
    if (!(await findPostmaster(databasePaths(root).data))?.ready) {
      session.close()
      await discardPlace(installation, root)
      ports.release(nameOfPlace(root))
      continue
    }
    const identity = identityOf(spec, binaries, port, passwords, true)
    if (!await isMade(installation, root, identity)) {
      session.close()
      continue
    }
    ports.note(port, spec.id)
    const db = await openClaimed(installation, root, identity)
    db.holdSession(session)
    return { db, server }
  }
  return undefined
}

/** With the port that was reserved for it. */
async function claimStopped(installation: Installation, { binaries, pool, ports }: From, spec: DatabaseSpec): Promise<Database> {
  const port = ports.of(spec.id) ?? await ports.reserve(spec.id)
  try {
    for (;;) {
      const root = await pool.take(binaries)
      const known = (await readMember(databasePaths(root)))?.passwords
      const identity = identityOf(spec, binaries, port, known ?? newPasswords(), known !== undefined)
      if (await isMade(installation, root, identity))
        return await openClaimed(installation, root, identity)
    }
  }
  catch (error) {
    ports.release(spec.id)
    throw error
  }
}

/** False when another engine of this process was faster. */
async function isMade(installation: Installation, root: string, identity: Identity): Promise<boolean> {
  try {
    return await writeIdentity(databasePaths(root), identity)
  }
  catch (error) {
    await discardPlace(installation, root)
    throw error
  }
}

function identityOf(spec: DatabaseSpec, binaries: Binaries, port: number, passwords: Passwords, isPrepared: boolean): Identity {
  return {
    format: 1,
    ref: { id: spec.id, project: spec.project, name: spec.name },
    createdAt: new Date().toISOString(),
    major: binaries.major,
    source: binaries.source,
    madeBy: binaries.version,
    port,
    ...passwords,
    ...isPrepared ? { isPrepared } : {},
  }
}

/** Its identity becomes safe from a power cut while the next steps are made; the last one waits for that. */
async function openClaimed(installation: Installation, root: string, identity: Identity): Promise<Database> {
  const db = await openPlace(installation, root, identity)
  db.untilSafe = syncIdentity(db.paths)
  // Whoever waits for it hears of it.
  db.untilSafe.catch(() => {})
  return db
}

/** One that was restored, with the server that has stayed. */
export async function openRestored(installation: Installation, { identity, root, running }: Restored): Promise<Database> {
  const db = await openPlace(installation, root, identity)
  if (running) {
    db.startedWith = running.stay
    db.givenOwner = running.owner
    db.holdSession(running.session)
    db.untilSafe = running.untilSafe.then(async () => await syncIdentity(db.paths))
    // Whoever waits for it hears of it.
    db.untilSafe.catch(() => {})
  }
  return db
}

/** The database that has its identity in a folder. */
export async function openPlace(installation: Installation, root: string, identity: Identity): Promise<Database> {
  const paths = databasePaths(root)
  const [socketFolder, applied, topology, kept] = await Promise.all([socketFolderOf(installation, root), readApplied(paths), readTopology(paths.topology), readKept(paths)])
  const db = new Database(installation, { identity, paths, socketFolder, applied, topology, kept })
  const startedFor = (await readMember(paths))?.server
  // Its server may still be the one that the pool had started.
  if (!applied && startedFor?.port === identity.port)
    db.startedWith = startedFor
  return db
}
