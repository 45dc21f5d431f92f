import type { LogRecord } from '@howdah/engine'
import { severityOf } from '@howdah/postgres'

/** A record with what makes it one of a kind: its line in its session. */
export interface PodRecord {
  readonly record: LogRecord
  readonly session: string
  readonly line: number
}

/** The instance manager's line around a record of PostgreSQL's `csvlog`, as far as it is read. */
interface Line {
  readonly logger?: string
  readonly record?: Readonly<Record<string, string | number | undefined>>
}

/** One line of a pod's log. Undefined for the instance manager's own, and for what cannot be read. */
export function parseLine(member: string, text: string): PodRecord | undefined {
  let line: Line
  try {
    line = JSON.parse(text) as Line // the instance manager's documented shape
  }
  catch (error) {
    if (error instanceof SyntaxError)
      return undefined
    throw error
  }
  const { logger, record: fields } = line
  if (!fields || (logger !== 'postgres' && logger !== 'pgaudit'))
    return undefined
  const get = (name: string): string | null => fields[name]?.toString() || null
  const at = new Date((get('log_time') ?? '').replace(' UTC', 'Z').replace(' ', 'T'))
  if (Number.isNaN(at.getTime()))
    return undefined
  const pid = get('process_id')
  return {
    session: get('session_id') ?? '',
    line: Number(get('session_line_num') ?? 0),
    record: {
      at,
      severity: severityOf(get('error_severity') ?? 'LOG'),
      member,
      message: get('message') ?? '',
      user: get('user_name'),
      database: get('database_name'),
      pid: pid === null ? null : Number(pid),
      application: get('application_name'),
      remoteHost: get('connection_from')?.replace(/:\d+$/, '') ?? null,
      sqlState: get('sql_state_code') === '00000' ? null : get('sql_state_code'),
      statement: get('query'),
      detail: get('detail'),
      hint: get('hint'),
      backendType: get('backend_type'),
    },
  }
}
