import { expect, it } from 'vitest'
import { errorIn } from './restored-server.ts'

it.each<[string, object, object]>([
  ['what PostgreSQL gave up over', { logger: 'postgres', record: { error_severity: 'FATAL', sql_state_code: '58P01', message: 'could not locate required checkpoint record' } }, { postgresql: 'PostgreSQL: could not locate required checkpoint record.' }],
  ['nothing when somebody only asked too early', { logger: 'postgres', record: { error_severity: 'FATAL', sql_state_code: '57P03', message: 'the database system is starting up' } }, {}],
  ['what Barman misses, without the place of the bucket', { level: 'info', logger: 'barman-cloud-restore', msg: '2026-11-26 14:27:58,367 [28] ERROR: Missing file prod/7d1c/base/20261126T141634/data.* for server 7d1c' }, { barman: 'Barman: Missing file base/20261126T141634/data.*.' }],
  ['nothing when there is no more WAL, which ends every replay', { level: 'info', logger: 'barman-cloud-wal-restore', msg: '2026-11-26 14:27:58,367 [28] ERROR: WAL file 000000010000000000000009 not found' }, {}],
  ['what the instance manager failed with', { level: 'error', msg: 'restore error', error: 'no target backup found' }, { manager: 'The operator: restore error: no target backup found.' }],
])('of a restore that failed, its log says %s', (_, line, expected) => {
  expect(errorIn(JSON.stringify(line))).toEqual(expected)
})

it('of a restore that failed, a line that is no JSON says nothing', () => {
  expect(errorIn('panic: runtime error')).toEqual({})
})
