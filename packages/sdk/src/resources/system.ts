import type { CallOptions } from '../call.ts'
import type { Capabilities, Schemas } from '../models.ts'
import type { Transport } from '../transport.ts'

/** The installation itself: `client.system`. */
export function system(transport: Transport) {
  return {
    /** Is the process alive, and of which version. */
    health: (options?: CallOptions): Promise<Schemas['Health']> => transport.call('system.health', {}, options),

    /** Do the store and at least one location answer. Not ready is an answer, not an error. */
    ready: (options?: CallOptions): Promise<Schemas['Ready']> => transport.call('system.ready', {}, { ...options, answer: 503 }),

    /** Locations, versions, sizes and limits: enough to draw the create form. */
    capabilities: (options?: CallOptions): Promise<Capabilities> => transport.call('capabilities.get', {}, options),
  }
}

export type System = ReturnType<typeof system>
