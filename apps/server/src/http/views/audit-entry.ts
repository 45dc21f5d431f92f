import type { AuditEntry } from '@howdah/contract'
import type { AuditRow } from '../../store/audit.ts'

export function auditEntryView(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: row.actor,
    // The closed sets of the contract are what the program writes into these columns.
    actorKind: row.actor_kind as AuditEntry['actorKind'],
    project: row.project,
    action: row.action,
    target: row.target,
    outcome: row.outcome as AuditEntry['outcome'],
    sourceIp: row.source_ip,
    userAgent: row.user_agent,
    requestId: row.request_id,
    changes: row.changes,
    prevHash: row.prev_hash,
    hash: row.hash,
  }
}
