import { getApiKey } from '../../../domain/api-keys.ts'
import { route } from '../../route.ts'
import { apiKeyView } from '../../views/api-key.ts'

export const get = route('apiKeys.get', async ({ domain, caller, params }) => {
  return { status: 200, body: apiKeyView(await getApiKey(domain, caller, params.id)) }
})
