import type { Me, Role } from '@howdah/contract'
import type { Self } from '../../domain/account.ts'
import type { Principal } from '../../domain/caller.ts'

export function meView(principal: Principal, { person, projects }: Self): Me {
  return {
    kind: principal.kind,
    user: person ? { id: person.id, email: person.email, name: person.name } : null,
    apiKey: principal.apiKeyId === null ? null : { id: principal.apiKeyId, name: principal.label },
    isOperator: principal.isOperator,
    project: { ...principal.project, role: principal.role },
    actions: [...principal.actions],
    // What the program writes into the column.
    projects: projects.map(({ id, name, role }) => ({ id, name, role: role as Role })),
  }
}
