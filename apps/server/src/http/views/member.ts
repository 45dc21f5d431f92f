import type { ProjectMember, Role } from '@howdah/contract'
import type { Static } from 'typebox'
import type { MemberRow } from '../../store/members.ts'

export function memberView(row: MemberRow): Static<typeof ProjectMember> {
  return {
    user: { id: row.person_id, email: row.email, name: row.name },
    // What the program writes into the column.
    role: row.role as Role,
    createdAt: row.created_at.toISOString(),
  }
}
