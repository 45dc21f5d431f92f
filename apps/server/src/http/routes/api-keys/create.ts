import { createApiKey } from '../../../domain/api-keys.ts'
import { remember } from '../../idempotency.ts'
import { route } from '../../route.ts'
import { apiKeyView } from '../../views/api-key.ts'

export const create = route('apiKeys.create', async ({ domain, caller, body, idempotency }) => {
  const { row, key } = await createApiKey(domain, caller, body, remember(domain, idempotency, value => ({ status: 201, body: apiKeyView(value.row, value.key) })))
  return { status: 201, body: apiKeyView(row, key), headers: { Location: `/api/api-keys/${row.id}` } }
})
