import type { MemberRow } from '../../../store/members.ts'
import { remember } from '../../../domain/idempotency.ts'
import { addMember } from '../../../domain/members.ts'
import { route } from '../../route.ts'
import { memberView } from '../../views/member.ts'

export const add = route('members.add', async ({ domain, services, caller, params: { project }, body, idempotency }) => {
  const answer = (member: MemberRow) => ({ status: 201 as const, body: memberView(member), headers: { Location: `/api/projects/${project}/members/${member.person_id}` } })
  return answer(await addMember(domain, services.access, caller, project, body, remember(domain, idempotency, answer)))
})
