import { describe, expect, it } from 'vitest'
import { parseLine } from './log-record.ts'

const line = {
  level: 'info',
  logger: 'postgres',
  msg: 'record',
  record: {
    log_time: '2026-11-25 17:13:15.400 UTC',
    user_name: 'app',
    database_name: 'orders',
    process_id: '28',
    connection_from: '10.243.0.1:37324',
    session_id: '6b0715ff.1c',
    session_line_num: '4',
    error_severity: 'ERROR',
    sql_state_code: 'P0001',
    message: 'heard',
    detail: 'more',
    query: 'select 1',
    application_name: 'psql',
    backend_type: 'client backend',
  },
}

describe('a line of an instance\'s log', () => {
  it('gives the record of PostgreSQL in it', () => {
    expect(parseLine('orders-1', JSON.stringify(line))).toEqual({
      session: '6b0715ff.1c',
      line: 4,
      record: {
        at: new Date('2026-11-25T17:13:15.400Z'),
        severity: 'ERROR',
        member: 'orders-1',
        message: 'heard',
        user: 'app',
        database: 'orders',
        pid: 28,
        application: 'psql',
        remoteHost: '10.243.0.1',
        sqlState: 'P0001',
        statement: 'select 1',
        detail: 'more',
        hint: null,
        backendType: 'client backend',
      },
    })
  })

  it.each(['', 'not json', '{"logger":"instance-manager","msg":"Acquired primary lease"}', '{"logger":"postgres","record":{"log_time":"yesterday"}}'])('gives nothing for %j', (text) => {
    expect(parseLine('orders-1', text)).toBeUndefined()
  })
})
