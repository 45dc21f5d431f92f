import { expect, it } from 'vitest'
import { reasonIn } from './upgrade-job.ts'

const said = (msg: string): string => JSON.stringify({ level: 'info', logger: 'pg_upgrade', msg, pipe: 'stdout' })

it('what pg_upgrade refuses is told in its words, without the files that go with the pod', () => {
  expect(reasonIn([
    '{"level":"info","msg":"Running pg_upgrade"}',
    ...[
      'Checking cluster versions                                     ok',
      'Checking data type usage                                      fatal',
      '',
      'Your installation contains reg* data types in user tables.',
      'These data types reference system OIDs that are not preserved by',
      'pg_upgrade. A list of the problem columns is in the file:',
      '    /var/lib/postgresql/data/pgdata-new/pg_upgrade_output.d/20261127T004640.394/tables_using_reg.txt',
      'Failure, exiting',
    ].map(said),
    'Error: error while running pg_upgrade: exit status 1',
  ])).toBe('pg_upgrade: Checking data type usage: Your installation contains reg* data types in user tables. These data types reference system OIDs that are not preserved by pg_upgrade.')
})

it('what it refuses of several at once is told together', () => {
  expect(reasonIn([
    'Checking for subscription state                               ok',
    'Checking data type usage                                      ',
    'failed check: Checking for reg* data types in user tables',
    '',
    'Data type checks failed: ',
    'Your installation contains one of the reg* data types in user tables.',
    'A list of the problem columns is in the file:',
    '    /var/lib/postgresql/data/pgdata-new/pg_upgrade_output.d/20261127T004640.394/tables_using_reg.txt',
    'Failure, exiting',
  ].map(said))).toBe('pg_upgrade: Checking for reg* data types in user tables. Data type checks failed: Your installation contains one of the reg* data types in user tables.')
})

it('where it stops later, the step is told', () => {
  expect(reasonIn([
    'Restoring global objects in the new cluster                   ok',
    'Restoring database schemas in the new cluster                 ',
    '*failure*',
    'Consult the last few lines of "/var/lib/postgresql/data/pgdata-new/pg_upgrade_output.d/x/log/pg_upgrade_dump_16385.log" for',
    'the probable cause of the failure.',
    'Failure, exiting',
  ].map(said))).toBe('pg_upgrade: Restoring database schemas in the new cluster failed.')
})

it('where it did not begin, the operator says why; and nobody may', () => {
  expect(reasonIn(['{"level":"info","msg":"Starting the upgrade process"}', 'Error: error while getting old data directory control data: exit status 127'])).toBe('The operator: error while getting old data directory control data: exit status 127.')
  expect(reasonIn(['{"level":"info","msg":"Starting the upgrade process"}'])).toBeUndefined()
})
