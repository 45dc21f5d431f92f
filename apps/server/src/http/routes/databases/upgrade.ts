import type { OperationRow } from '../../../store/operations.ts'
import type { Input } from '../../route.ts'
import { remember } from '../../../domain/idempotency.ts'
import { beginUpgrade, planRehearsal, planUpgrade, readUpgrade, rehearseUpgrade } from '../../../domain/upgrade.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

export const getUpgrade = route('databases.getUpgrade', async ({ domain, caller, params }) => ({ status: 200, body: await readUpgrade(domain, caller, params.name) }))

export const upgrade = route('databases.upgrade', async (input) => {
  const { domain, caller, params, query, body } = input
  const how = { isScheduled: query.apply === 'maintenance-window' }
  if (query.dryRun)
    return { status: 200, body: await planUpgrade(domain, caller, params.name, body, how) }
  // One that waits for its window is not waited for.
  return await begun(input, await beginUpgrade(domain, caller, params.name, body, how, remembered(input)), how.isScheduled)
})

export const rehearse = route('databases.rehearseUpgrade', async (input) => {
  const { domain, caller, params, query, body } = input
  if (query.dryRun)
    return { status: 200, body: await planRehearsal(domain, caller, params.name, body) }
  return await begun(input, await rehearseUpgrade(domain, caller, params.name, body, remembered(input)), false)
})

type Begun = Pick<Input<'databases.upgrade'>, 'domain' | 'services' | 'caller' | 'idempotency' | 'wait'>

function remembered({ domain, idempotency }: Begun) {
  return remember(domain, idempotency, (value: OperationRow) => ({ status: 202, body: operationView(value), headers: operationHeaders(value) }))
}

async function begun({ domain, services, caller, wait }: Begun, operation: OperationRow, isScheduled: boolean) {
  const seen = isScheduled ? operation : await untilEnded(domain, services, caller, operation.id, wait) ?? operation
  return { status: 202 as const, body: operationView(seen), headers: operationHeaders(seen) }
}
