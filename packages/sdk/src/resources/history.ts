import type { CallOptions, Filter } from '../call.ts'
import type { FollowOptions } from '../follow.ts'
import type { Listing } from '../listing.ts'
import type { AuditEntry, AuditVerification, StreamEvent } from '../models.ts'
import type { Transport } from '../transport.ts'
import { follow } from '../follow.ts'
import { listing } from '../listing.ts'

/** The project's audit trail: `client.audit`. */
export function audit(transport: Transport) {
  return {
    /** Newest first. */
    list: (filter: Filter<'audit.list'> = {}, options?: CallOptions): Listing<AuditEntry> =>
      listing(cursor => transport.call('audit.list', {
        query: {
          ...filter,
          ...(cursor && { cursor }),
        },
      }, options)),

    /** Check the hash chain of the project. */
    verify: (options?: CallOptions): Promise<AuditVerification> => transport.call('audit.verify', {}, options),
  }
}

/** Everything that changes in the project, as it happens: `client.events`. */
export function events(transport: Transport) {
  return {
    /**
     * Comes back by itself, after the last message that was seen. A message of kind `reset` says that some were lost:
     * read everything again.
     */
    stream: (options: FollowOptions = {}): AsyncGenerator<StreamEvent> => follow(transport, 'events.stream', {}, options),
  }
}

export type Audit = ReturnType<typeof audit>
export type Events = ReturnType<typeof events>
