import { expect, it } from 'vitest'
import { censored } from './censored.ts'

it('no secret is shown, however deep it stands', () => {
  const shown = JSON.stringify(censored({
    password: 'hunter2',
    person: { newPassword: 'hunter2', name: 'ada' },
    sessions: [{ id: 1, token: 'hunter2' }],
    req: { headers: { 'authorization': 'hunter2', 'set-cookie': 'hunter2', 'accept': '*/*' } },
  }))
  expect(shown).not.toContain('hunter2')
  expect(JSON.parse(shown)).toEqual({
    password: '[secret]',
    person: { newPassword: '[secret]', name: 'ada' },
    sessions: [{ id: 1, token: '[secret]' }],
    req: { headers: { 'authorization': '[secret]', 'set-cookie': '[secret]', 'accept': '*/*' } },
  })
})

it('what is logged stays as it is for those who logged it', () => {
  const person = { name: 'ada', password: 'hunter2' }
  censored({ people: [person] })
  expect(person.password).toBe('hunter2')
})

it('an object without secrets is not copied', () => {
  const line = { method: 'GET', status: 200, error: new Error('no') }
  expect(censored(line)).toBe(line)
})

it('an object that refers to itself ends', () => {
  const circle: { name: string, self?: unknown } = { name: 'circle' }
  circle.self = circle
  expect(censored(circle)).toBe(circle)
})
