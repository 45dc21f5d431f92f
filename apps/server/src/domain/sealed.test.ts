import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSecretBox, generatePassword } from './sealed.ts'

const key = () => randomBytes(32).toString('base64')
const place = { project: 'p', owner: 'd', field: 'user app' }

describe('a sealed secret', () => {
  const box = createSecretBox([key()])
  const sealed = box.seal('hunter2 — größer', place)

  it('opens at its place', () => {
    expect(box.open(sealed, place)).toBe('hunter2 — größer')
  })
  it('does not show, and looks different each time', () => {
    expect(sealed.includes('hunter2')).toBe(false)
    expect(box.seal('hunter2 — größer', place).equals(sealed)).toBe(false)
  })
  it.each([{ project: 'q' }, { owner: 'e' }, { field: 'user other' }, { project: 'pd', owner: '' }, { project: 'p","d' }])('does not open when it was moved: %j', (other) => {
    expect(() => box.open(sealed, { ...place, ...other })).toThrow()
  })
  it('does not open when any byte of it was changed', () => {
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed)
      changed[index]! ^= 1
      expect(() => box.open(changed, place), `byte ${index}`).toThrow()
    }
  })
  it('does not open when it was cut', () => {
    for (let length = 0; length < sealed.length; length++)
      expect(() => box.open(sealed.subarray(0, length), place), `${length} bytes`).toThrow()
  })
})

describe('rotation', () => {
  const [old, fresh] = [key(), key()]
  const sealed = createSecretBox([old]).seal('hunter2', place)

  it('a former key opens, the newest one seals', () => {
    const rotated = createSecretBox([fresh, old])
    expect(rotated.open(sealed, place)).toBe('hunter2')
    expect(createSecretBox([fresh]).open(rotated.seal('hunter3', place), place)).toBe('hunter3')
  })
  it('without the former key the error says what to do, and no secret', () => {
    expect(() => createSecretBox([fresh]).open(sealed, place)).toThrow(/Add the former key to HOWDAH_SECRET_KEY/)
  })
  it('keys for other purposes follow the newest key and differ by purpose', () => {
    expect(createSecretBox([fresh, old]).derive('tokens')).toEqual(createSecretBox([fresh]).derive('tokens'))
    expect(createSecretBox([fresh]).derive('tokens')).not.toEqual(createSecretBox([fresh]).derive('other'))
    expect(createSecretBox([fresh]).derive('tokens')).not.toEqual(createSecretBox([old]).derive('tokens'))
  })
})

it.each(['', 'short', randomBytes(31).toString('base64'), randomBytes(33).toString('base64')])('"%s" is no key', (text) => {
  expect(() => createSecretBox([text])).toThrow(/32 bytes in base64/)
})

it('passwords need no quoting anywhere and use their whole alphabet', () => {
  const all = Array.from({ length: 300 }, generatePassword)
  for (const password of all)
    expect(password).toMatch(/^[A-HJ-NP-Za-km-z2-9]{32}$/)
  expect(new Set(all).size).toBe(300)
  expect(new Set(all.join('')).size).toBe(57)
})
