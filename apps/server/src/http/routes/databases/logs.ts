import { listDatabaseAudit } from '../../../domain/audit.ts'
import { route } from '../../route.ts'
import { auditEntryView } from '../../views/audit-entry.ts'

export const logs = route('databases.logs', async ({ domain, caller, params, query }) => {
  const { rows, nextCursor } = await listDatabaseAudit(domain, caller, params.name, query)
  return { status: 200, body: { items: rows.map(auditEntryView), nextCursor } }
})
