import { listPeople } from '../../../domain/people.ts'
import { route } from '../../route.ts'
import { personView } from '../../views/person.ts'

export const list = route('people.list', async ({ domain, query }) => {
  const { rows, nextCursor } = await listPeople(domain, query)
  return { status: 200, body: { items: rows.map(row => personView(row)), nextCursor } }
})
