import type { StoredStep } from '../store/schema.ts'
import { expect, it } from 'vitest'
import { advance } from './progress.ts'

const begun = new Date('2026-01-31T12:00:00.000Z')
const now = new Date('2026-01-31T12:00:05.000Z')
function planned(...names: string[]): StoredStep[] {
  return names.map(name => ({ name, phase: 'pending', startedAt: null, finishedAt: null }))
}
function shown(steps: StoredStep[]): string {
  return steps.map(step => `${step.name}:${step.phase}`).join(' ')
}

it('where a step has finished, the next one begins', () => {
  const steps = advance(planned('claim', 'start', 'login'), 'claim', 'done', now, begun)
  expect(shown(steps)).toBe('claim:done start:running login:pending')
  expect(steps[0]).toMatchObject({ startedAt: begun.toISOString(), finishedAt: now.toISOString() })
  expect(steps[1]).toMatchObject({ startedAt: now.toISOString(), finishedAt: null })
})

it('a step that runs is running, and has no end', () => {
  const [step] = advance(planned('claim'), 'claim', 'running', now)
  expect(step).toMatchObject({ phase: 'running', finishedAt: null })
})

it('what stands before a step that was heard of is done, also when nothing was heard of it', () => {
  expect(shown(advance(planned('claim', 'start', 'login'), 'login', 'running', now))).toBe('claim:done start:done login:running')
})

it('a step that nobody foresaw is put in where it came', () => {
  const steps = advance(planned('claim', 'login'), 'claim', 'done', now)
  expect(shown(advance(steps, 'extensions', 'running', now))).toBe('claim:done extensions:running login:pending')
  expect(shown(advance([], 'restart', 'done', now))).toBe('restart:done')
})

it('hearing the same again changes no time and no phase', () => {
  const once = advance(advance(planned('claim', 'login', 'stop'), 'claim', 'done', begun), 'login', 'done', begun)
  const twice = advance(once, 'claim', 'done', now)
  expect(shown(twice)).toBe(shown(once))
  expect(twice[0]!.startedAt).toBe(once[0]!.startedAt)
})

it('the steps that were given stay as they were', () => {
  const steps = planned('claim')
  advance(steps, 'claim', 'done', now)
  expect(shown(steps)).toBe('claim:pending')
})
