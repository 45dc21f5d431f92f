import { removeMember } from '../../../domain/members.ts'
import { route } from '../../route.ts'

export const remove = route('members.remove', async ({ domain, services, caller, params }) => {
  await removeMember(domain, services.access, caller, params.project, params.user)
  return { status: 204, body: undefined }
})
