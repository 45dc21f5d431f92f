import { addMember } from '../../../domain/members.ts'
import { remember } from '../../idempotency.ts'
import { route } from '../../route.ts'
import { memberView } from '../../views/member.ts'

export const add = route('members.add', async ({ domain, services, caller, params, body, idempotency }) => {
  const member = await addMember(domain, services.access, caller, params.project, body, remember(domain, idempotency, value => ({ status: 201, body: memberView(value) })))
  return { status: 201, body: memberView(member), headers: { Location: `/api/projects/${params.project}/members/${member.person_id}` } }
})
