import type { CallOptions, Filter } from '../call.ts'
import type { EventHub } from '../event-hub.ts'
import type { Listing } from '../listing.ts'
import type { Operation } from '../models.ts'
import type { Transport } from '../transport.ts'
import type { WaitOptions } from '../wait.ts'
import { OperationError } from '../errors.ts'
import { listing } from '../listing.ts'
import { waitFor } from '../wait.ts'

/** Durable pieces of work: `client.operations`. */
export function operations(transport: Transport, hub: EventHub) {
  return {
    /** Newest first. */
    list: (filter: Filter<'operations.list'> = {}, options?: CallOptions): Listing<Operation> =>
      listing(cursor => transport.call('operations.list', {
        query: {
          ...filter,
          ...(cursor && { cursor }),
        },
      }, options)),

    get: (id: string, options?: CallOptions): Promise<Operation> =>
      transport.call('operations.get', {
        path: { id },
      }, options),

    /** One that waits ends at once, one that runs after its present step, where `cancellable` says so. */
    cancel: (id: string, options?: CallOptions): Promise<Operation> =>
      transport.call('operations.cancel', {
        path: { id },
      }, options),

    /** Wait until it has ended. Throws `OperationError` when it did not succeed. */
    wait: async (id: string, options?: WaitOptions<Operation>): Promise<Operation> => {
      const operation = await waitFor(hub, {
        what: `Operation ${id}`,
        read: signal => transport.call('operations.get', {
          path: { id },
        }, { signal }),
        pick: event => event.operation?.id === id
          ? event.operation
          : undefined,
        isDone: hasEnded,
      }, options)
      if (operation.phase !== 'succeeded')
        throw new OperationError(operation)
      return operation
    },
  }
}

/** Nothing more will happen to it. */
export function hasEnded(operation: Operation): boolean {
  return operation.phase !== 'scheduled' && operation.phase !== 'pending' && operation.phase !== 'running'
}

export type Operations = ReturnType<typeof operations>
