import { updateMember } from '../../../domain/members.ts'
import { route } from '../../route.ts'
import { memberView } from '../../views/member.ts'

export const update = route('members.update', async ({ domain, services, caller, params, body }) => {
  return { status: 200, body: memberView(await updateMember(domain, services.access, caller, params.project, params.user, body.role)) }
})
