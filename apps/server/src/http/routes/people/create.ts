import { createPerson } from '../../../domain/people.ts'
import { remember } from '../../idempotency.ts'
import { route } from '../../route.ts'
import { personView } from '../../views/person.ts'

export const create = route('people.create', async ({ domain, services, caller, body, idempotency }) => {
  const { row, password } = await createPerson(domain, services.access, caller, body, remember(domain, idempotency, value => ({ status: 201, body: personView(value.row, value.password) })))
  return { status: 201, body: personView(row, password), headers: { Location: `/api/users/${row.id}` } }
})
