import type { ArchiveOptions } from './archive-site.ts'
import type { Log } from './log.ts'
import type { PortRange } from './ports.ts'
import type { SupervisionTimings } from './supervision-timings.ts'

export interface LocalEngineOptions {
  /** Holds everything. Absolute; under root the account that PostgreSQL runs as must be able to enter it. */
  readonly dataDir: string
  /** Name of the location, for logs. */
  readonly location: string
  /** Name or address that users are given; it must be one of this machine. */
  readonly host?: string
  readonly portRange?: PortRange
  /** Account for PostgreSQL under root; the default is `howdah`, else `postgres`. */
  readonly account?: string
  /** Databases of the default major kept ready; others have one after their first use. */
  readonly poolSize?: number
  /** Milliseconds without a create after which only one of them runs; the default is a minute. */
  readonly poolCalmMs?: number
  /** Networks that most creates let in; a database that lets in others takes a little longer. The default is none. */
  readonly usualCidrs?: readonly string[]
  /** How patient supervision is. */
  readonly timings?: Partial<SupervisionTimings>
  /** Undefined: no WAL is archived and no backups are kept. */
  readonly archives?: ArchiveOptions
  readonly log: Log
}

/** Members of the pool whose server runs, which is what the next creates of the default size take: while creates come, and when none has come for a while. */
export const runningMembers = { busy: 2, calm: 1 } as const

/** A server that nobody claims costs 20 MB. */
export const defaultPoolCalmMs = 60_000

/** What 20 MB of disk each is worth: a burst of this many creates finds everything ready. */
export const defaultPoolSize = 8
