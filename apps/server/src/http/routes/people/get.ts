import { getPerson } from '../../../domain/people.ts'
import { route } from '../../route.ts'
import { personView } from '../../views/person.ts'

export const get = route('people.get', async ({ domain, params }) => {
  return { status: 200, body: personView(await getPerson(domain, params.user)) }
})
