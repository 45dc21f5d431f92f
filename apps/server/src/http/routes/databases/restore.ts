import type { Input, Output } from '../../route.ts'
import { remember } from '../../../domain/idempotency.ts'
import { beginInPlace, planInPlace, toReset, toRestore, toUndo } from '../../../domain/restore-in-place.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

type InPlaceId = 'databases.restore' | 'databases.undoRestore' | 'databases.reset'

/** The three differ in what the database becomes, and in nothing of HTTP. */
async function run(want: Parameters<typeof planInPlace>[3], { domain, services, caller, params, query, idempotency, wait }: Omit<Input<InPlaceId>, 'body'>): Promise<Output<InPlaceId>> {
  if (query.dryRun)
    return { status: 200, body: await planInPlace(domain, caller, params.name, want) }
  const operation = await beginInPlace(domain, caller, params.name, want, remember(domain, idempotency, value => ({
    status: 202,
    body: operationView(value),
    headers: operationHeaders(value),
  })))
  const seen = await untilEnded(domain, services, caller, operation.id, wait) ?? operation
  return {
    status: 202,
    body: operationView(seen),
    headers: operationHeaders(seen),
  }
}

export const restore = route('databases.restore', input => run(toRestore(input.domain, input.caller, input.body), input))
export const undoRestore = route('databases.undoRestore', input => run(toUndo(input.domain), input))
export const reset = route('databases.reset', input => run(toReset(input.domain, input.caller), input))
