import type { User } from '@howdah/contract'
import type { PersonRow } from '../../store/people.ts'

/** `password`: only in the answer to a create that generated it. */
export function personView(row: PersonRow, password?: string): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    isOperator: row.is_operator,
    isDisabled: row.is_disabled,
    lastLoginAt: row.last_login_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    ...password === undefined ? {} : { password },
  }
}
