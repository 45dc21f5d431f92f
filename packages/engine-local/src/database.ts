import type { DatabaseRef } from '@howdah/engine'
import type { Address, OpenSession, Server, Session, SessionLimits } from '@howdah/postgres'
import type { GivenOwner } from './backup/restore.ts'
import type { Binaries } from './binaries.ts'
import type { Kept } from './in-place/kept.ts'
import type { Installation } from './installation.ts'
import type { StartedWith } from './member.ts'
import type { DatabasePaths } from './paths.ts'
import type { Topology } from './replicas/topology.ts'
import type { Applied, Identity } from './state.ts'
import { createHash } from 'node:crypto'
import { EngineError } from '@howdah/engine'
import { matchesVerifier } from '@howdah/postgres'
import { bestOfEachMajor } from './binaries.ts'
import { Mutex } from './mutex.ts'
import { databasePaths } from './paths.ts'
import { followers } from './replicas/topology.ts'
import { asSuperuser } from './sessions.ts'
import { writeApplied } from './state.ts'

/** From when a database is configured until somebody has looked at what came with it takes far less. */
export const lookedAtWithinMs = 2_000

/** One server of a database. */
export interface Instance {
  readonly ordinal: number
  /** Where it listens: the address of the database where it is the only one, otherwise for this machine only. */
  readonly port: number
  readonly paths: DatabasePaths
}

/** One database that is on disk here. What changes it runs inside `exclusive`. */
export class Database implements Server {
  readonly installation: Installation
  identity: Identity
  readonly root: string
  /** Undefined: one instance, which listens at the address itself. */
  topology: Topology | undefined
  /** What of a topology this process has brought into effect on the instances. */
  topologyInEffect: string | undefined
  readonly socketFolder: string
  applied: Applied | undefined
  /** What the last restore in place, or upgrade, can be undone to. */
  kept: Kept | undefined
  /** True after a login of the owner answered, until something happens that may have changed that. */
  isLoginProven = false
  /** Settles when its identity is safe from a power cut; undefined where nobody has begun to make it so. */
  untilSafe: Promise<void> | undefined
  /** What its server was started with, where that was before it was claimed and nothing has changed it since. */
  startedWith: StartedWith | undefined
  /** What its owner was given before it was configured. */
  givenOwner: GivenOwner | undefined
  /** True while we stop or start the server ourselves: its end is no accident then. */
  isPlanned = false
  readonly #deleted = new AbortController()
  readonly #mutex = new Mutex()
  #passwordDigest: string | undefined
  #session: OpenSession | undefined

  constructor(installation: Installation, place: { identity: Identity, paths: DatabasePaths, socketFolder: string, applied: Applied | undefined, topology?: Topology | undefined, kept?: Kept | undefined }) {
    this.installation = installation
    this.identity = place.identity
    this.root = place.paths.root
    this.topology = place.topology
    this.socketFolder = place.socketFolder
    this.applied = place.applied
    this.kept = place.kept
  }

  /** Aborts when the database is being deleted. */
  get deleted(): AbortSignal {
    return this.#deleted.signal
  }

  get isDeleted(): boolean {
    return this.#deleted.signal.aborted
  }

  markDeleted(): void {
    this.#deleted.abort()
  }

  get ref(): DatabaseRef {
    return this.identity.ref
  }

  /** Of the instance that holds the role. */
  get paths(): DatabasePaths {
    return this.primary.paths
  }

  /** The instance that holds the role, or is to hold it. */
  get primary(): Instance {
    return this.topology ? this.instance(this.topology.primary) : { ordinal: 1, port: this.identity.port, paths: databasePaths(this.root) }
  }

  /** Every instance, the primary included. */
  get instances(): readonly Instance[] {
    return this.topology?.members.map(({ ordinal }) => this.instance(ordinal)) ?? [this.primary]
  }

  /** Replicas that have followed, whether or not they run now. */
  get followers(): readonly Instance[] {
    return this.topology ? followers(this.topology).map(({ ordinal }) => this.instance(ordinal)) : []
  }

  instance(ordinal: number): Instance {
    const port = this.topology?.members.find(member => member.ordinal === ordinal)?.port
    if (port === undefined)
      throw new Error(`there is no instance ${ordinal}`)
    return { ordinal, port, paths: databasePaths(this.root, ordinal) }
  }

  memberName(ordinal: number): string {
    return `${this.ref.name}-${ordinal}`
  }

  /** The binaries it keeps to: of the same source while there are any, never of another major. */
  get binaries(): Binaries {
    return this.binariesOf(this.identity)
  }

  /** The same for data that was read by others. */
  binariesOf({ major, source }: Pick<Identity, 'major' | 'source'>): Binaries {
    const sets = this.installation.binaries.filter(set => set.major === major)
    const best = sets.find(set => set.source === source) ?? bestOfEachMajor(sets)[0]
    if (!best)
      throw new EngineError('unavailable', `PostgreSQL ${major} is not on this machine any more; install it again.`)
    return best
  }

  /** What users are given. */
  get address(): Address {
    const { authority, host } = this.installation
    return { host, port: this.identity.port, ca: authority.certificate }
  }

  /** Where the primary listens itself: past the gateway, where there is one, whose certificate names this machine as well. */
  get directAddress(): Address {
    return this.topology ? { ...this.address, host: '127.0.0.1', port: this.primary.port } : this.address
  }

  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    return await this.#mutex.run(work)
  }

  /** Keep a session of the superuser that is open already, for whoever makes it what was asked for. */
  holdSession(session: OpenSession): void {
    this.#session = session
    void session.ended.then(() => {
      if (this.#session === session)
        this.#session = undefined
    })
  }

  /** What the session was for is done: it stays for a moment for whoever looks at what is there. */
  letSessionGo(): void {
    const session = this.#session
    setTimeout(() => {
      if (session !== undefined && this.#session === session)
        this.takeSession()?.close()
    }, lookedAtWithinMs).unref()
  }

  /** For a question in the maintenance database that leaves nothing behind. It may end at any moment. */
  get openSession(): Session | undefined {
    return this.#session
  }

  /** Undefined: there is none any more. Who takes it closes it. */
  takeSession(): OpenSession | undefined {
    const session = this.#session
    this.#session = undefined
    return session
  }

  async asSuperuser<T>(database: string, work: (session: Session) => Promise<T>, limits?: SessionLimits): Promise<T> {
    return await this.asSuperuserOf(this.primary, database, work, limits)
  }

  async asSuperuserOf<T>({ port }: Instance, database: string, work: (session: Session) => Promise<T>, limits?: SessionLimits): Promise<T> {
    return await asSuperuser({ identity: { ...this.identity, port }, socketFolder: this.socketFolder }, database, work, limits)
  }

  /** Remember what is now in effect. */
  async record(change: Partial<Applied>): Promise<void> {
    if (!this.applied)
      throw new Error('a database that was never configured has nothing to change')
    const applied = { ...this.applied, ...change }
    await writeApplied(this.paths, applied, applied.generation > 0)
    this.applied = applied
  }

  /** Its data is other data by now, of which only this is known. */
  become({ applied, identity, kept, topology }: Pick<Database, 'applied' | 'kept' | 'topology'> & { readonly identity: Identity | undefined }): void {
    Object.assign(this, { applied, kept, topology, identity: identity ?? this.identity })
    this.isLoginProven = false
    this.#passwordDigest = undefined
  }

  /** Note that this password is the one that was applied, so that it need not be stretched again to find out. */
  rememberPassword(password: string): void {
    this.#passwordDigest = digestOf(password)
  }

  /** Whether this is the password of the owner that was applied. */
  async isPasswordApplied(password: string): Promise<boolean> {
    if (!this.applied)
      return false
    if (this.#passwordDigest === digestOf(password))
      return true
    const isSame = await matchesVerifier(password, this.applied.ownerVerifier)
    if (isSame)
      this.rememberPassword(password)
    return isSame
  }

  /** The name of the first logical database. */
  get main(): string {
    return this.#made.database
  }

  get owner(): string {
    return this.#made.owner
  }

  get systemRoles(): readonly string[] {
    return []
  }

  get #made(): Applied {
    if (!this.applied)
      throw new EngineError('unavailable', 'The database is still being made.')
    return this.applied
  }
}

function digestOf(password: string): string {
  return createHash('sha256').update(password).digest('base64')
}
