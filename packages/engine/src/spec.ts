import type { RestoreSource } from './backups.ts'

/** Where a database lives inside an engine. `id` is unique for ever; `project` and `name` are for people and for namespaces. */
export interface DatabaseRef {
  /** UUID made by the control plane; the key of everything the engine keeps. */
  readonly id: string
  /** Project name, a DNS label. On Kubernetes it selects the namespace. */
  readonly project: string
  /** Database name, a DNS label of 1 to 40 characters. */
  readonly name: string
}

/** A password that the control plane keeps encrypted. A driver turns it into a SCRAM verifier before PostgreSQL sees it. */
export interface Credentials {
  /** PostgreSQL role name. */
  readonly user: string
  /** Plain text, in memory only. Never logged, never put into argv or a statement. */
  readonly password: string
}

export type Durability = 'async' | 'sync'

/** Everything that is wanted of one database. `Engine.ensure` makes it so. */
export interface DatabaseSpec extends DatabaseRef {
  /** Grows by one with each change of the spec; an observation repeats the newest one it has reached. */
  readonly generation: number
  /** Major version of PostgreSQL, one of `Capabilities.versions`. Fixed at create. */
  readonly version: number
  /** Number of PostgreSQL servers: the primary and its replicas. 1 to `Capabilities.maxInstances`. */
  readonly instances: number
  /** Storage asked for, in GiB. Never shrinks. */
  readonly storageGib: number
  /** CPU cores; fractions are allowed. */
  readonly cpu: number
  /** Memory in MiB; the driver derives `shared_buffers` and the rest from it. */
  readonly memoryMib: number
  /**
   * `sync`: a commit waits until one replica has it on disk, whichever is first. Needs at least two instances. While no
   * replica is left, writes wait: a commit is never acknowledged that one server alone has.
   */
  readonly durability: Durability
  /** PostgreSQL parameters that the user set, in PostgreSQL's own notation (`'64MB'`, `'on'`). Others have the driver's defaults. */
  readonly parameters: Readonly<Record<string, string>>
  /** Extensions that are on in `database`, by name. */
  readonly extensions: readonly string[]
  /** Networks that may connect, CIDR notation. The driver's own monitoring is always let in. */
  readonly allowedCidrs: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** True: no server runs, the data stays. */
  readonly hibernated: boolean
  /**
   * Changes with each restart that somebody asked for (the operation's id); empty when nobody ever did.
   * A driver restarts the servers once for each new value and remembers the last one it served.
   */
  readonly restartToken: string
  /** First logical database, owned by `owner`. */
  readonly database: string
  /** The role that owns `database`: no superuser, no CREATEROLE, no CREATEDB. A changed password is applied by `ensure`. */
  readonly owner: Credentials
  /**
   * What it begins as; undefined: empty. Read until the database is made, then never again. The state of the source
   * brings its roles and logical databases along, `owner.user` and `database` among them; passwords of others are gone.
   */
  readonly from?: RestoreSource
}
