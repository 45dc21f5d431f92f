import { listProjectAudit } from '../../../domain/audit.ts'
import { route } from '../../route.ts'
import { auditEntryView } from '../../views/audit-entry.ts'

export const list = route('audit.list', async ({ domain, caller, query }) => {
  const { rows, nextCursor } = await listProjectAudit(domain, caller, query)
  return { status: 200, body: { items: rows.map(auditEntryView), nextCursor } }
})
