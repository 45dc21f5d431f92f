import { expect, it } from 'vitest'
import { errorIn, shortfallIn } from './restored-server.ts'

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

const ends = '1\t0/5000000\tno recovery target specified\n'

it.each<[string, string]>([
  ['ended where the archive does', ends],
  ['read on, because more came meanwhile', '1\t0/6000148\tno recovery target specified\n'],
  ['went along a timeline of which the archive had no segment yet', '1\t0/5000000\tno recovery target specified\n\n2\t0/5000148\tno recovery target specified\n'],
  ['was followed by a failover', `${ends}2\t0/7000000\tno recovery target specified\n`],
])('a replay that %s lacks nothing', (_, history) => {
  expect(shortfallIn(history, { timeline: 1, lsn: '0/5000000' })).toBeUndefined()
})

it.each<[string, string, RegExp]>([
  ['ended early', '1\t0/4FFFF28\tno recovery target specified\n', /ended at 0\/4FFFF28, .* goes on to 0\/5000000.*segment 000000010000000000000004/],
  ['ended early, and was followed by a failover', '1\t0/4000000\tno recovery target specified\n2\t0/7000000\tno recovery target specified\n', /ended at 0\/4000000/],
  ['began no timeline', '', /timeline 1/],
])('a replay that %s is found short', (_, history, expected) => {
  expect(shortfallIn(history, { timeline: 1, lsn: '0/5000000' })).toMatch(expected)
})

it('a replay along another timeline than the newest one of its archive is found short, however far it came', () => {
  expect(shortfallIn(ends, { timeline: 2, lsn: '0/4000000' })).toMatch(/timeline 2/)
})
