import { deletePerson } from '../../../domain/people.ts'
import { route } from '../../route.ts'

export const remove = route('people.delete', async ({ domain, services, caller, params }) => {
  await deletePerson(domain, services.access, caller, params.user)
  return { status: 204, body: undefined }
})
