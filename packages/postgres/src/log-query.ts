import type { LogQuery, LogRecord, LogSeverity } from '@howdah/engine'
import { logSeverities } from '@howdah/engine'

/** Whether a record is one that was asked for. */
export function matchesLogQuery(record: LogRecord, query: Pick<LogQuery, 'severity' | 'contains' | 'member' | 'to'>): boolean {
  if (query.member !== undefined && record.member !== query.member)
    return false
  if (query.to && record.at > query.to)
    return false
  if (query.severity && logSeverities.indexOf(record.severity) < logSeverities.indexOf(query.severity))
    return false
  if (query.contains === undefined)
    return true
  const wanted = query.contains.toLowerCase()
  return [record.message, record.statement, record.detail].some(text => text?.toLowerCase().includes(wanted))
}

/** The word that PostgreSQL writes, as one of ours: it has five levels of DEBUG. */
export function severityOf(text: string): LogSeverity {
  return text.startsWith('DEBUG')
    ? 'DEBUG'
    : logSeverities.find(severity => severity === text) ?? 'LOG'
}
