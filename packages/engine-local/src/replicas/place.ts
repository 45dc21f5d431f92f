import type { ServiceEvent } from '@howdah/engine'
import type { Database, Instance } from '../database.ts'
import type { Launched } from '../launcher.ts'
import type { GatewayLink } from './gateway-link.ts'

/** What the parts of replication work with. */
export interface Place {
  readonly db: Database
  readonly link: GatewayLink
  /** A server was started: its end is to be noticed. */
  readonly started: (instance: Instance, server: Launched) => void
  readonly event: (type: string, severity: ServiceEvent['severity'], message: string, details?: Readonly<Record<string, unknown>>) => void
}
