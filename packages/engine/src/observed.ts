import type { DatabaseRef } from './spec.ts'

/** What the engine can say by looking. The control plane adds the phases that only it knows (`updating`, `deleting` …). */
export type EnginePhase
  /** Being made; never answered yet. */
  = | 'provisioning'
  /** A login through the given address answered. */
    | 'ready'
  /** It does not answer now and is being brought back. */
    | 'restarting'
  /** It answers, but not as asked: redundancy, archiving or storage. */
    | 'degraded'
  /** It does not answer, and the engine cannot bring it back by itself. */
    | 'failed'
  /** The primary failed or hands over, and another instance becomes it. */
    | 'switching-over'
  /** Stopped on purpose, data kept. */
    | 'hibernated'
  /** The engine cannot be asked now (its API is away). What was seen last still stands. */
    | 'unknown'

export interface Member {
  /** Stable name of the instance inside its database, such as `orders-1`. */
  readonly name: string
  readonly role: 'primary' | 'replica'
  readonly phase: 'starting' | 'ready' | 'stopped' | 'failed'
  /** Bytes of WAL that a replica has yet to show to who reads from it; null for the primary and when it is not known. */
  readonly lagBytes: number | null
  /** The same as time; 0 where nothing is missing. Null as with the bytes. */
  readonly lagSeconds: number | null
}

export interface Endpoint {
  /** Host name or address as a client uses it, and as the certificate names it. */
  readonly host: string
  readonly port: number
  /** Port of the read-only address where there are replicas: it leads to them only, and to nobody while none can answer. */
  readonly readOnlyPort?: number
  /** Set: TLS has to begin with the first byte (`sslnegotiation=direct`), because something before the server leads clients by the name in it. */
  readonly sslNegotiation?: 'direct'
  /** PEM of the authority that signed the server's certificate, for `sslmode=verify-full`. */
  readonly caCertificate: string
}

/** What somebody else asked for: a database that is delivered to where the engine works, and only observed by it. */
export interface Delivered {
  /** Major version. */
  readonly version: number
  readonly instances: number
  readonly storageGib: number
  /** Cores; 0 where nothing limits it. */
  readonly cpu: number
  /** 0 where nothing limits it. */
  readonly memoryMib: number
  readonly durability: 'async' | 'sync'
  readonly parameters: Readonly<Record<string, string>>
  /** Why no backup of it can be taken, and what would have to be otherwise where it is kept; undefined: one can. */
  readonly backupRefusal?: string | undefined
  /** Name of the first logical database, and of the role that owns it. */
  readonly database: string
  readonly owner: string
}

/** What was seen of one database. */
export interface Observed {
  readonly ref: DatabaseRef
  readonly phase: EnginePhase
  /** CamelCase word for programs, such as `PostmasterExited` or `StorageFull`; empty when all is well. */
  readonly reason: string
  /** Sentence for people, no secrets; empty when all is well. */
  readonly message: string
  /** When this phase began. */
  readonly since: Date
  readonly members: readonly Member[]
  readonly endpoint: Endpoint | undefined
  /** Full server version, such as `18.4`; undefined until a server answered. */
  readonly serverVersion: string | undefined
  /** Bytes on disk, WAL included; undefined until measured. */
  readonly storageUsedBytes: number | undefined
  /** Client connections now; undefined while no server answers. */
  readonly connections: number | undefined
  /** Over the last minute or so, to one decimal, our own left out; undefined until measured. */
  readonly transactionsPerSecond: number | undefined
  /** Newest `DatabaseSpec.generation` that is wholly in effect. */
  readonly generation: number
  /** Parameters that were changed but wait for a restart. */
  readonly pendingRestart: readonly string[]
  /** The restore or upgrade that `undoRestore` can undo, until when, and the major version that it then has; undefined when there is none. */
  readonly undo?: { readonly id: string, readonly until: Date, readonly version: number } | undefined
  /** `git`: delivered by GitOps and only observed here. */
  readonly managedBy: 'howdah' | 'git'
  /** Of one that is delivered, as soon as it is known. */
  readonly delivered?: Delivered | undefined
}

/** Something that happened, for the owner to read. */
export interface ServiceEvent {
  readonly ref: DatabaseRef
  readonly at: Date
  /** Dotted, lower case: `instance.exited`, `instance.restarted`, `storage.full` … */
  readonly type: string
  readonly severity: 'info' | 'warning' | 'error'
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

export type Notification
  = | { readonly kind: 'observed', readonly observed: Observed }
    | { readonly kind: 'event', readonly event: ServiceEvent }
    | { readonly kind: 'gone', readonly ref: DatabaseRef }
