import type { DatabaseRef } from '@howdah/engine'
import type { Address, Server, Session, SessionLimits } from '@howdah/postgres'
import type { Binaries } from './binaries.ts'
import type { Installation } from './installation.ts'
import type { DatabasePaths } from './paths.ts'
import type { Applied, Identity } from './state.ts'
import { createHash } from 'node:crypto'
import { EngineError } from '@howdah/engine'
import { matchesVerifier } from '@howdah/postgres'
import { bestOfEachMajor } from './binaries.ts'
import { Mutex } from './mutex.ts'
import { asSuperuser } from './sessions.ts'
import { writeApplied } from './state.ts'

/** One database that is on disk here. What changes it runs inside `exclusive`. */
export class Database implements Server {
  readonly installation: Installation
  identity: Identity
  readonly paths: DatabasePaths
  readonly socketFolder: string
  applied: Applied | undefined
  /** True after a login of the owner answered, until something happens that may have changed that. */
  isLoginProven = false
  /** True while we stop or start the server ourselves: its end is no accident then. */
  isPlanned = false
  readonly #deleted = new AbortController()
  readonly #mutex = new Mutex()
  #passwordDigest: string | undefined

  constructor(installation: Installation, place: { identity: Identity, paths: DatabasePaths, socketFolder: string, applied: Applied | undefined }) {
    this.installation = installation
    this.identity = place.identity
    this.paths = place.paths
    this.socketFolder = place.socketFolder
    this.applied = place.applied
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

  /** The binaries it keeps to: of the same source while there are any, never of another major. */
  get binaries(): Binaries {
    const sets = this.installation.binaries.filter(set => set.major === this.identity.major)
    const best = sets.find(set => set.source === this.identity.source) ?? bestOfEachMajor(sets)[0]
    if (!best)
      throw new EngineError('unavailable', `PostgreSQL ${this.identity.major} is not on this machine any more; install it again.`)
    return best
  }

  /** What users are given. */
  get address(): Address {
    const { authority, host } = this.installation
    return { host, port: this.identity.port, ca: authority.certificate }
  }

  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    return await this.#mutex.run(work)
  }

  async asSuperuser<T>(database: string, work: (session: Session) => Promise<T>, limits?: SessionLimits): Promise<T> {
    return await asSuperuser(this, database, work, limits)
  }

  /** Remember what is now in effect. */
  async record(change: Partial<Applied>): Promise<void> {
    if (!this.applied)
      throw new Error('a database that was never configured has nothing to change')
    const applied = { ...this.applied, ...change }
    await writeApplied(this.paths, applied, applied.generation > 0)
    this.applied = applied
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
