import type { NewPerson } from '../../../domain/people.ts'
import { remember } from '../../../domain/idempotency.ts'
import { createPerson } from '../../../domain/people.ts'
import { route } from '../../route.ts'
import { personView } from '../../views/person.ts'

function answer({ row, password }: NewPerson) {
  return { status: 201 as const, body: personView(row, password), headers: { Location: `/api/users/${row.id}` } }
}

export const create = route('people.create', async ({ domain, services, caller, body, idempotency }) => {
  return answer(await createPerson(domain, services.access, caller, body, remember(domain, idempotency, answer)))
})
