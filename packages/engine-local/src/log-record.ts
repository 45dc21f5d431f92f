import type { LogRecord } from '@howdah/engine'
import { severityOf } from '@howdah/postgres'

/** One record of `jsonlog` or `csvlog`, by the name of its file. Undefined for what cannot be read, such as a part that is being written. */
export function parseRecord(file: string, text: string, member: string): LogRecord | undefined {
  return file.endsWith('.csv')
    ? parseCsv(text, member)
    : parseJson(text, member)
}

function parseJson(text: string, member: string): LogRecord | undefined {
  let fields: Record<string, string | number | undefined>
  try {
    fields = JSON.parse(text) as typeof fields // PostgreSQL's documented shape: flat, strings and numbers
  }
  catch (error) {
    if (error instanceof SyntaxError)
      return undefined
    throw error
  }
  return recordOf(member, name => fields[name]?.toString())
}

/** Columns of `csvlog` in PostgreSQL 14, in order, by the names that `jsonlog` has for them. */
const csvColumns = [
  'timestamp',
  'user',
  'dbname',
  'pid',
  'remote_host',
  'session_id',
  'line_num',
  'ps',
  'session_start',
  'vxid',
  'txid',
  'error_severity',
  'state_code',
  'message',
  'detail',
  'hint',
  'internal_query',
  'internal_position',
  'context',
  'statement',
  'cursor_position',
  'func_name',
  'application_name',
  'backend_type',
  'leader_pid',
  'query_id',
]

function parseCsv(text: string, member: string): LogRecord | undefined {
  const values: string[] = []
  const field = /"((?:[^"]|"")*)"|([^,]*)/y
  for (let at = 0; at <= text.length;) {
    field.lastIndex = at
    const found = field.exec(text)
    if (!found)
      return undefined
    values.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
    at = field.lastIndex + 1
  }
  if (values.length < csvColumns.length)
    return undefined
  return recordOf(member, name => values[csvColumns.indexOf(name)])
}

function recordOf(member: string, get: (name: string) => string | undefined): LogRecord | undefined {
  const at = new Date((get('timestamp') ?? '').replace(' UTC', 'Z').replace(' ', 'T'))
  if (Number.isNaN(at.getTime()))
    return undefined
  const text = (name: string): string | null => get(name) || null
  const pid = text('pid')
  return {
    at,
    severity: severityOf(get('error_severity') ?? 'LOG'),
    member,
    message: get('message') ?? '',
    user: text('user'),
    database: text('dbname'),
    pid: pid === null
      ? null
      : Number(pid),
    application: text('application_name'),
    // `csvlog` has the port in the same field.
    remoteHost: text('remote_host')?.replace(/:\d+$/, '') ?? null,
    sqlState: text('state_code') === '00000'
      ? null
      : text('state_code'),
    statement: text('statement'),
    detail: text('detail'),
    hint: text('hint'),
    backendType: text('backend_type'),
  }
}
