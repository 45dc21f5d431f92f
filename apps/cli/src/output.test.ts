import { expectGolden } from '@howdah/testkit'
import { expect, it } from 'vitest'
import { recorded, runHowdah, transcript } from './testing/run-howdah.ts'

const lines = [
  'status',
  'whoami',
  'db list',
  'db list -o json',
  'db list -o yaml',
  'db get orders',
  'db create orders --label team=sales --storage 20 --memory 1GiB --extension pgcrypto --param work_mem=16MB',
  'db create orders --no-wait',
  'db create orders -o json',
  'db create orders --dry-run',
  'db update orders --param max_connections=50 --dry-run',
  'db update orders --param max_connections=50 --dry-run -o yaml',
  'db restart orders',
  'db switchover orders --dry-run',
  'db restore orders --point before-migration-42 --dry-run',
  'db upgrade orders',
  'db upgrade orders --to 18 --dry-run',
  'db upgrade orders --to 18 --rehearse --no-wait',
  'db undo-restore orders --dry-run',
  'branch reset orders-experiment --dry-run',
  'db delete orders --yes',
  'db delete orders --yes --keep-volumes',
  'db delete orders --dry-run',
  'db connection orders',
  'db connection orders --format uri',
  'db connection orders --format env',
  'db diagnose orders',
  'metrics orders',
  'metrics orders -o yaml',
  'user list orders',
  'user create orders reporting --access read-only',
  'dbs list orders',
  'dbs create orders warehouse --owner reporting',
  'branch diff orders-experiment',
  'backup create orders',
  'backup create orders --dry-run',
  'backup list orders',
  'backup drill orders',
  'backup drill orders --dry-run',
  'backup window orders',
  'restore-point create orders before-migration-42',
  'restore-point list orders',
  'extension list orders',
  'parameter list orders',
  'logs orders',
  'logs orders -o json',
  'events orders',
  'audit list',
  'audit verify',
  'operation list',
  'project list',
  'project get default',
  'member list',
  'api-key list',
  'api-key create ci',
  'person list',
  'person create ada@example.org --name Ada',
  'completion bash',
  'completion zsh',
  'completion fish',
]

it.each(lines)('howdah %s', async (line) => {
  const words = line.split(' ')
  const name = line.replace(/ -o /g, '.').replace(/ --?/g, '.').replace(/[ =/]/g, '-')
  await expectGolden(import.meta.url, `output/${name.slice(0, 80)}.txt`, transcript(words, await runHowdah(words)))
})

it.each([120, 80, 50])('a table fits into %i columns', async (columns) => {
  for (const words of [['db', 'list'], ['audit', 'list'], ['operation', 'list'], ['parameter', 'list', 'orders'], ['api-key', 'list']]) {
    const { out } = await runHowdah(words, { terminal: { columns } })
    await expectGolden(import.meta.url, `narrow/${words.join('-')}-${columns}.txt`, out)
    // Ids and names of columns that never go may be wider than the narrowest terminal.
    if (columns >= 80)
      expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(columns)
  }
})

it('colours are there on a terminal and nowhere else', async () => {
  const coloured = await runHowdah(['db', 'list'], { terminal: { hasColourOut: true } })
  expect(coloured.out).toContain('\u001B[32mready')
  expect((await runHowdah(['db', 'list'])).out).not.toContain('\u001B')
  expect((await runHowdah(['db', 'list', '-o', 'json'], { terminal: { hasColourOut: true } })).out).not.toContain('\u001B')
})

it('an empty list says what to do', async () => {
  const answers = { 'GET /api/databases': { json: { items: [], nextCursor: null } } }
  expect((await runHowdah(['db', 'list'], { answers })).out).toBe('There is no database. Make one: howdah db create NAME\n')
  expect((await runHowdah(['db', 'list', '-o', 'json'], { answers })).out).toBe('[]\n')
})

it('what a log holds cannot command the terminal', async () => {
  const [first] = (recorded['GET /api/databases/orders/server-logs']?.json as { items: object[] }).items
  const answers = { 'GET /api/databases/orders/server-logs': { json: { items: [{ ...first, message: 'evil \u001B]0;title\u0007\u009B2J' }], nextCursor: null } } }
  const { out } = await runHowdah(['logs', 'orders'], { answers })
  expect(out).toContain('evil ␛]0;title␇␡2J')
})

it.each([
  ['restore orders orders-copy --point before-migration-42', 'POST /api/databases', 'POST /api/databases from'],
  ['restore orders orders-copy --dry-run', 'POST /api/databases?dryRun', 'POST /api/databases?dryRun from'],
  ['restore orders orders-old --at 2026-11-20T00:00:00Z', 'POST /api/databases', 'POST /api/databases from 422'],
])('howdah %s', async (line, asked, answer) => {
  const words = line.split(' ')
  const result = await runHowdah(words, { answers: { [asked]: recorded[answer]! } })
  await expectGolden(import.meta.url, `output/${line.replaceAll(/[ :.-]+/g, '-')}.txt`, transcript(words, result))
})

it.each(['db update orders --param max_connections=200 --in-window', 'parameter set orders max_connections=200 --in-window'])('howdah %s', async (line) => {
  const id = '0b9c4b0e-6f7c-4c0c-9a40-6a3a8e3c1d11'
  const operation = { ...(recorded['GET /api/operations']?.json as { items: object[] }).items[0], id, type: 'database.update', phase: 'scheduled', notBefore: '2026-11-22T03:00:00.000Z', update: { parameters: { max_connections: '200' } } }
  const answers = { 'PATCH /api/databases/orders': { json: { ...recorded['GET /api/databases/orders']?.json as object, scheduledOperation: id } }, [`GET /api/operations/${id}`]: { json: operation } }
  const words = line.split(' ')
  const result = await runHowdah(words, { answers })
  expect(result.requests.find(({ method }) => method === 'PATCH')?.query.get('apply')).toBe('maintenance-window')
  await expectGolden(import.meta.url, `output/${line.replaceAll(/[ :.=-]+/g, '-')}.txt`, transcript(words, result))
})

it('on a terminal the steps are drawn over themselves', async () => {
  const { err } = await runHowdah(['db', 'restart', 'orders'], { terminal: { isErrTerminal: true } })
  expect(err).toContain('\u001B[J')
  expect(err).toContain('database.restart of orders: done in')
})
