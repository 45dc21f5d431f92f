import { listMembers } from '../../../domain/members.ts'
import { route } from '../../route.ts'
import { memberView } from '../../views/member.ts'

export const list = route('members.list', async ({ domain, caller, params, query }) => {
  const { rows, nextCursor } = await listMembers(domain, caller, params.project, query)
  return { status: 200, body: { items: rows.map(memberView), nextCursor } }
})
