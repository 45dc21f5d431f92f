import type { OpenSession, Settings } from '@howdah/postgres'
import type { Binaries } from './binaries.ts'
import type { Installation } from './installation.ts'
import type { Launched } from './launcher.ts'
import type { Member, Passwords } from './member.ts'
import type { Template } from './template.ts'
import { EngineError } from '@howdah/engine'
import { iterationsForMachines, maintenanceDatabase, monitorRole, quoteLiteral, scramVerifier, superuserRole } from '@howdah/postgres'
import { writeNoArchive } from './archive-site.ts'
import { installBinaries } from './binaries.ts'
import { capabilitiesOf } from './capabilities.ts'
import { giveCaches } from './catalogue-caches.ts'
import { newPasswords, readMember, writeMember } from './member.ts'
import { databasePaths } from './paths.ts'
import { discardPlace, socketFolderOf } from './places.ts'
import { findPostmaster, isStoppedWithin, killLeftovers, lastLines, launch, signalStop, waitUntilReady } from './process.ts'
import { settingsFor, writeServerFiles } from './server-control.ts'
import { openWithOneOf } from './sessions.ts'

/** What of a member is known before its server runs. */
export interface MemberToBe {
  readonly root: string
  readonly socketFolder: string
  readonly port: number
  /** What the server is started with: those of a database of the default size. */
  readonly settings: Settings
}

/** A member of the pool whose server runs: what is left of a create is to make it somebody's. */
export interface RunningMember extends MemberToBe {
  readonly passwords: Passwords
  /** Of the superuser: what makes it somebody's need not log in first, and its end tells of the server's. */
  readonly session: OpenSession
  /** Undefined where an earlier run of this program has started it. */
  readonly server: Launched | undefined
}

const startWithinMs = 20_000
/** A look costs 0.1 ms of a core, which a create that is under way needs more than the pool needs its next member. */
const lookEveryMs = 10
const stopWithinMs = 2_000

/** How a member will run on this port. */
export async function memberToBe(installation: Installation, { binaries, port, root, template }: { binaries: Binaries, port: number, root: string, template: Template }): Promise<MemberToBe> {
  const socketFolder = await socketFolderOf(installation, root)
  return { root, socketFolder, port, settings: settingsOfMember(installation, { root, port, socketFolder, major: binaries.major }, template.preload) }
}

/**
 * Start the server of a member as most databases would have it, on a port of its own, and give it passwords of its own.
 * Nobody gets in: the owner has no password.
 */
export async function startMember(installation: Installation, member: MemberToBe, { binaries, template }: { binaries: Binaries, template: Template }): Promise<RunningMember> {
  const { port, root, settings, socketFolder } = member
  const paths = databasePaths(root)
  const known = await readMember(paths)
  if (!known)
    throw new Error('a member of the pool has lost what was written of it')
  const passwords = known.passwords ?? newPasswords()
  // Before the server has them: a kill in between leaves one of two, and both are known.
  const { boot, format, template: name } = known
  await writeMember(paths, { format, template: name, boot, passwords })
  const { usualCidrs: allowedCidrs } = installation
  await Promise.all([
    writeServerFiles(paths, settings, allowedCidrs),
    installation.archives && writeNoArchive(paths.instance),
  ])
  const server = await launch({
    binaries: await installBinaries(binaries, installation.paths.root),
    account: installation.account,
    dataFolder: paths.data,
    serverLog: paths.serverLog,
    args: [`--config-file=${paths.settings}`],
  })
  if (await waitUntilReady(paths.data, server, startWithinMs, lookEveryMs) !== 'ready')
    throw new EngineError('unavailable', `the server of a member does not start: ${await lastLines(paths.serverLog, 1)}`)
  // One that ran before may have changed.
  if (!known.passwords)
    await giveCaches(installation, template.caches, paths.data)
  const access = { identity: { port, major: binaries.major, superuserPassword: passwords.superuserPassword }, socketFolder }
  const session = await openWithOneOf(access, [template.superuserPassword, passwords.superuserPassword], maintenanceDatabase)
  try {
    const [superuser, monitor] = await Promise.all([passwords.superuserPassword, passwords.monitorPassword].map(async password => await scramVerifier(password, iterationsForMachines)))
    await session.query(`
      alter role ${superuserRole} password ${quoteLiteral(superuser ?? '')};
      alter role ${monitorRole} password ${quoteLiteral(monitor ?? '')}`)
    await writeMember(paths, { format, template: name, boot, passwords, server: { port, settings, allowedCidrs } })
    return { ...member, passwords, session, server }
  }
  catch (error) {
    session.close()
    throw error
  }
}

/** Whether a server that was started with these runs as wanted. */
export function isAsWanted(startedWith: Settings, wanted: Settings): boolean {
  return Object.keys({ ...wanted, ...startedWith }).every(name => wanted[name] === startedWith[name])
}

/** Whether these networks are the ones that a server lets in. */
export function areSameCidrs(some: readonly string[] | undefined, others: readonly string[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others)
}

/** Take over the running server of a member that an earlier run had made ready. Undefined: it is not as one would be made now. */
export async function adoptMember(installation: Installation, root: string, { passwords, server }: Member, { major, preload }: { major: number, preload: string }): Promise<RunningMember | undefined> {
  const found = await findPostmaster(databasePaths(root).data)
  if (!found?.ready || !passwords || !server || server.port !== found.port)
    return undefined
  const socketFolder = await socketFolderOf(installation, root)
  const wanted = settingsOfMember(installation, { root, port: server.port, socketFolder, major }, preload)
  if (!isAsWanted(server.settings, wanted) || !areSameCidrs(server.allowedCidrs, installation.usualCidrs))
    return undefined
  const { superuserPassword } = passwords
  const session = await openWithOneOf({ identity: { port: server.port, major, superuserPassword }, socketFolder }, [superuserPassword], maintenanceDatabase).catch(() => undefined)
  return session && { root, socketFolder, port: server.port, passwords, settings: server.settings, session, server: undefined }
}

/** True: it is a member still. One that does not stop is none any more. */
export async function stopMember(installation: Installation, { root, session }: RunningMember): Promise<boolean> {
  session.close()
  const { data } = databasePaths(root)
  const server = await findPostmaster(data)
  if (!server)
    return true
  signalStop(server.pid, 'fast')
  if (await isStoppedWithin(data, stopWithinMs))
    return true
  await killLeftovers(data)
  await discardPlace(installation, root)
  return false
}

/** Those of a database of the default size. */
function settingsOfMember(installation: Installation, { major, port, root, socketFolder }: { major: number, port: number, root: string, socketFolder: string }, preload: string): Settings {
  const { cpu, memory, storage } = capabilitiesOf(installation)
  const spec = { memoryMib: memory.defaultMib, cpu: cpu.default, storageGib: storage.defaultGib, parameters: {}, allowedCidrs: [] }
  return settingsFor({ installation, identity: { major, port }, root, socketFolder }, spec, preload)
}
