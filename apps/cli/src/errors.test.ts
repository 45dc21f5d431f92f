import type { Answers } from './testing/run-howdah.ts'
import { expectGolden, scriptedServer } from '@howdah/testkit'
import { expect, it } from 'vitest'
import { recorded, runHowdah, transcript } from './testing/run-howdah.ts'

function insteadOf(key: string, status: number): Answers {
  const answer = recorded[`${key} ${status}`]
  if (!answer)
    throw new Error(`no ${status} was recorded for ${key}`)
  return { [key]: answer }
}

function problem(status: number, code: string, more: object = {}): { status: number, json: object } {
  return { status, json: { type: '', title: 'A title', status, code, detail: 'What happened.', requestId: 'request-1', ...more } }
}

it.each([
  ['an unknown verb names the nearest', 'db lst', {}],
  ['an unknown noun names the nearest', 'databse list', {}],
  ['an unknown option names the nearest', 'db list --ouput json', {}],
  ['a missing argument is named', 'db create', {}],
  ['a size that is none', 'db create orders --storage lots', {}],
  ['a duration that is none', 'db create orders --timeout soon', {}],
  ['a pair that is none', 'db create orders --label team', {}],
  ['a format that is none', 'db list -o xml', {}],
  ['nothing to change', 'db update orders', {}],
  ['fields that the server refuses are named by their options', 'db create Bad --storage 0 --label a=b', insteadOf('POST /api/databases', 422)],
  ['of two names the one that the server refuses', 'branch create orders Bad', insteadOf('POST /api/databases', 422)],
  ['a name that is taken', 'db create orders', insteadOf('POST /api/databases', 409)],
  ['a phase that does not allow it', 'db hibernate orders', insteadOf('POST /api/databases/orders/hibernate', 409)],
  ['nothing there', 'db get missing', {}],
  ['a delete that nobody confirms', 'db delete orders', {}],
  ['a password that nobody types', 'login --email ada@example.org', {}],
  ['a credential that is not valid', 'db list', { 'GET /api/databases': problem(401, 'unauthenticated') }],
  ['a role that does not allow it', 'db list', { 'GET /api/databases': problem(403, 'forbidden') }],
  ['a bug in the server', 'db list', { 'GET /api/databases': problem(500, 'internal') }],
  ['a project that the API key is not for', 'db list --project sales', {}],
] satisfies [string, string, Answers][])('%s', async (name, line, answers) => {
  const words = line.split(' ')
  await expectGolden(import.meta.url, `errors/${name.replaceAll(' ', '-')}.txt`, transcript(words, await runHowdah(words, { answers })))
})

it('a failed operation shows its reason and the next step', async () => {
  const [key, answer] = Object.entries(recorded).find(([, { json }]) => (json as { type?: string } | undefined)?.type === 'database.restart') ?? []
  const { id } = answer?.json as { id: string }
  const ran = await runHowdah(['db', 'restart', 'orders'], {
    answers: {
      [`GET /api/operations/${id}`]: {
        json: { ...answer?.json as object, phase: 'failed', finishedAt: '2026-11-21T04:02:59Z', error: { reason: 'LoginFailed', message: 'Nobody can log in.', nextStep: 'Look at howdah logs orders.' } },
      },
    },
  })
  expect(key).toBe('POST /api/databases/orders/restart')
  expect(ran.code).toBe(1)
  expect(ran.err).toContain('Error: Nobody can log in.\nNext: Look at howdah logs orders.\n')
})

it.each([
  ['success', {}, 0],
  ['usage', {}, 2, ['db', 'list', '--nope']],
  ['denied', { 'GET /api/databases': problem(403, 'forbidden') }, 3],
  ['missing', { 'GET /api/databases': problem(404, 'not-found') }, 4],
  ['conflict', { 'GET /api/databases': problem(412, 'stale') }, 5],
  ['invalid', { 'GET /api/databases': problem(422, 'quota-exceeded') }, 6],
  ['unexpected', { 'GET /api/databases': problem(500, 'internal') }, 1],
  ['no room', { 'GET /api/databases': problem(507, 'out-of-capacity') }, 1],
] satisfies [string, Answers, number, string[]?][])('the exit code of %s', async (_name, answers, code, words = ['db', 'list']) => {
  expect((await runHowdah(words, { answers })).code).toBe(code)
})

it('a server that cannot be reached ends with 7 and says what was used', async () => {
  const { url, close } = await scriptedServer(() => ({}))
  await close()
  const ran = await runHowdah(['db', 'get', 'orders'], { env: { HOWDAH_URL: url } })
  expect(ran.code).toBe(7)
  expect(ran.err).toBe(`Error: Cannot reach ${url}: nothing listens there.
Next: Start the server (\`howdah up\`), or check the address.
Used: the API key in HOWDAH_TOKEN
`)
})

it('an operation that takes longer than --timeout ends with 8 and goes on', async () => {
  const { json } = recorded['POST /api/databases/orders/restart'] ?? {}
  const ran = await runHowdah(['db', 'restart', 'orders', '--timeout', '50ms'], { answers: { [`GET /api/operations/${(json as { id: string }).id}`]: { json } } })
  expect(ran.code).toBe(8)
  expect(ran.err).toContain('It goes on.')
})

it('Ctrl-C while waiting ends with 130 and says how to stop the work', async () => {
  const { json } = recorded['POST /api/databases/orders/restart'] ?? {}
  const { id } = json as { id: string }
  const { Interrupted } = await import('./process-terminal.ts')
  const stop = new AbortController()
  const ran = await runHowdah(['db', 'restart', 'orders'], {
    terminal: { signal: stop.signal },
    // Its first sign of waiting is the step that is done.
    onErr: () => stop.abort(new Interrupted()),
    answers: { [`GET /api/operations/${id}`]: { json: { ...json as object, steps: [{ name: 'restart', phase: 'done', startedAt: '2026-11-21T04:00:00Z', finishedAt: '2026-11-21T04:00:01Z' }] } } },
  })
  expect(ran.code).toBe(130)
  expect(ran.err).toContain(`howdah operation cancel ${id}`)
})

it('status ends with 1 when no location answers, and says why', async () => {
  const key = 'GET /api/capabilities'
  const { locations, ...rest } = recorded[key]?.json as { locations: object[] }
  const away = { ...rest, locations: locations.map(location => ({ ...location, available: false, message: 'CloudNativePG is not installed there.' })) }
  expect((await runHowdah(['status'])).code).toBe(0)
  const ran = await runHowdah(['status'], { answers: { [key]: { json: away } } })
  expect(ran.code).toBe(1)
  expect(ran.out).toContain('not available: CloudNativePG is not installed there.')
})
