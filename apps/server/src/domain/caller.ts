import type { Action, Role } from '@howdah/contract'
import { operatorActions, permissions } from '@howdah/contract'

/** Who calls. A credential is for one project. */
export interface Principal {
  readonly kind: 'user' | 'api-key'
  /** The person, or the one who made the API key. */
  readonly personId: string
  readonly sessionId: string | null
  readonly apiKeyId: string | null
  /** E-mail or the key's name: what the audit log says. */
  readonly label: string
  readonly isOperator: boolean
  readonly project: { readonly id: string, readonly name: string }
  readonly role: Role
  readonly actions: ReadonlySet<Action>
}

/** A request's caller and where it comes from. */
export interface Caller {
  readonly principal: Principal
  readonly origin: Origin
}

export interface Origin {
  readonly requestId: string | null
  readonly sourceIp: string | null
  readonly userAgent: string | null
}

/** What a role allows, narrowed by an API key's scopes. */
export function actionsOf(role: Role, isOperator: boolean, scopes: readonly string[] | null): ReadonlySet<Action> {
  const all = isOperator ? operatorActions : permissions[role]
  return new Set(scopes
    ? all.filter(action => scopes.includes(action))
    : all)
}
