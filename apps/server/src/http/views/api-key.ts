import type { ApiKey } from '@howdah/contract'
import type { ApiKeyRow } from '../../store/api-keys.ts'

/** `key`: only in the answer to its create. */
export function apiKeyView(row: ApiKeyRow, key?: string): ApiKey {
  return {
    id: row.id,
    name: row.name,
    // The closed sets of the contract are what the program writes into these columns.
    role: row.role as ApiKey['role'],
    scopes: row.scopes as ApiKey['scopes'],
    prefix: row.prefix,
    lastFour: row.last_four,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    ...key === undefined ? {} : { key },
  }
}
