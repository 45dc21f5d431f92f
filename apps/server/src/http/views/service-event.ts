import type { ServiceEvent } from '@howdah/contract'
import type { ServiceEventRow } from '../../store/service-events.ts'

export function serviceEventView(row: ServiceEventRow): ServiceEvent {
  return {
    id: row.id,
    at: row.at.toISOString(),
    database: row.database_name,
    type: row.type,
    severity: row.severity as ServiceEvent['severity'],
    message: row.message,
    details: row.details,
  }
}
