import { deleteApiKey } from '../../../domain/api-keys.ts'
import { route } from '../../route.ts'

export const remove = route('apiKeys.delete', async ({ domain, services, caller, params }) => {
  await deleteApiKey(domain, services.access, caller, params.id)
  return { status: 204, body: undefined }
})
