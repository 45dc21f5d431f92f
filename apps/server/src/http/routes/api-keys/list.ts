import { listApiKeys } from '../../../domain/api-keys.ts'
import { route } from '../../route.ts'
import { apiKeyView } from '../../views/api-key.ts'

export const list = route('apiKeys.list', async ({ domain, caller, query }) => {
  const { rows, nextCursor } = await listApiKeys(domain, caller, query)
  return { status: 200, body: { items: rows.map(row => apiKeyView(row)), nextCursor } }
})
