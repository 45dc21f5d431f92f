import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import type { Authority } from './certificates.ts'
import type { Log } from './log.ts'
import type { InstallationPaths } from './paths.ts'
import type { SupervisionTimings } from './supervisor.ts'

/** What every part of the driver knows about where it works. */
export interface Installation {
  readonly paths: InstallationPaths
  /** Host name or address that users are given. */
  readonly host: string
  readonly account: Account | undefined
  readonly authority: Authority
  /** Newest major first. */
  readonly binaries: readonly Binaries[]
  readonly log: Log
  readonly timings: SupervisionTimings
}
