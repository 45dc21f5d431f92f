import type { Harness, Person } from '../../test/harness.ts'
import type { AccessNews } from './principals.ts'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createHarness } from '../../test/harness.ts'
import { createPrincipals } from './principals.ts'

let harness: Harness
let person: Person
beforeAll(async () => {
  harness = await createHarness()
})
beforeEach(async () => {
  person = await harness.person({ role: 'admin' })
})
afterAll(async () => await harness.close())

/** Principals whose news the test makes. */
function world() {
  const listeners = { access: (_id: string) => {}, resume: () => {} }
  const state = { isListening: true }
  const news: AccessNews = {
    onAccess: (listener) => {
      listeners.access = listener
      return () => {}
    },
    onResume: (listener) => {
      listeners.resume = listener
      return () => {}
    },
    isListening: () => state.isListening,
  }
  const principals = createPrincipals(harness.domain, harness.access.tokens, news, harness.access.background)
  return { principals, state, listeners }
}

async function demote() {
  await harness.domain.store.db.updateTable('members').set({ role: 'viewer' }).where('person_id', '=', person.id).execute()
}

it('remembers until it hears that the rights changed', async () => {
  const { principals, listeners } = world()
  expect((await principals.of(person.token)).role).toBe('admin')
  await demote()
  expect((await principals.of(person.token)).role).toBe('admin')
  listeners.access(person.id)
  expect((await principals.of(person.token)).role).toBe('viewer')
})

it.each([
  ['session', () => person.sessionId],
  ['project', () => person.project.id],
])('hears news about the %s, too', async (_name, id) => {
  const { principals, listeners } = world()
  await principals.of(person.token)
  await demote()
  listeners.access(id())
  expect((await principals.of(person.token)).role).toBe('viewer')
})

it('news about others costs nothing', async () => {
  const { principals, listeners } = world()
  const first = await principals.of(person.token)
  const other = await harness.person({ role: 'viewer' })
  listeners.access(other.id)
  expect(await principals.of(person.token)).toBe(first)
})

it('trusts nothing that it remembers while news cannot be heard, and nothing older after that', async () => {
  const { principals, state, listeners } = world()
  await principals.of(person.token)
  await demote()
  state.isListening = false
  expect((await principals.of(person.token)).role).toBe('viewer')
  state.isListening = true
  listeners.resume()
  expect((await principals.of(person.token)).role).toBe('viewer')
})

it('does not remember rights that were read while news came in', async () => {
  const { principals, listeners } = world()
  const reading = principals.of(person.token)
  listeners.access(person.id)
  await reading
  await demote()
  expect((await principals.of(person.token)).role).toBe('viewer')
})

it('forgets what this process changed itself, before the news is back', async () => {
  const { principals } = world()
  await principals.of(person.token)
  await demote()
  principals.forget(person.id)
  expect((await principals.of(person.token)).role).toBe('viewer')
})
