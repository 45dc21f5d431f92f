import type { NewApiKey } from '../../../domain/api-keys.ts'
import { createApiKey } from '../../../domain/api-keys.ts'
import { remember } from '../../../domain/idempotency.ts'
import { route } from '../../route.ts'
import { apiKeyView } from '../../views/api-key.ts'

function answer({ row, key }: NewApiKey) {
  return { status: 201 as const, body: apiKeyView(row, key), headers: { Location: `/api/api-keys/${row.id}` } }
}

export const create = route('apiKeys.create', async ({ domain, caller, body, idempotency }) => {
  return answer(await createApiKey(domain, caller, body, remember(domain, idempotency, answer)))
})
