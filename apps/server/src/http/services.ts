import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from '../domain/access.ts'
import type { Principal } from '../domain/caller.ts'
import type { Hub } from '../domain/hub.ts'
import type { SystemState } from '../domain/system-state.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** What the HTTP layer needs besides the use cases. Made once, in compose.ts. */
export interface Services {
  /** Who calls; undefined without a credential. Throws `unauthenticated` for one that is not good. */
  readonly authenticate: (request: FastifyRequest, reply: FastifyReply) => Promise<Principal | undefined>
  /** Sign-in, tokens, and what is remembered of credentials. */
  readonly access: Access
  readonly hub: Hub
  readonly metrics: Metrics
  readonly system: SystemState
  /** Howdah's own version. */
  readonly version: string
  /** Origin that people use, such as `https://howdah.example.org`. Known once the server listens. */
  readonly publicUrl: () => string
  /** Aborted when the process begins to drain. */
  readonly draining: AbortSignal
  /** How often a stream shows that it lives and looks whether its reader may still read. Default 15 s. */
  readonly heartbeatMs?: number
}
