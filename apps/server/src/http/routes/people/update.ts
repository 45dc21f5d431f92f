import { updatePerson } from '../../../domain/people.ts'
import { route } from '../../route.ts'
import { personView } from '../../views/person.ts'

export const update = route('people.update', async ({ domain, services, caller, params, body }) => {
  return { status: 200, body: personView(await updatePerson(domain, services.access, caller, params.user, body)) }
})
