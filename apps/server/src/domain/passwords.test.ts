import { expect, it } from 'vitest'
import { AppError } from './errors.ts'
import { createPasswords } from './passwords.ts'

const passwords = createPasswords(1)

it('a password fits its own hash and no other', async () => {
  const phc = await passwords.hash('correct horse')
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(await passwords.verify('correct horse', phc)).toBe(true)
  expect(await passwords.verify('correct horsf', phc)).toBe(false)
  expect(await passwords.hash('correct horse')).not.toBe(phc)
})

it('the same password typed on another keyboard fits', async () => {
  const phc = await passwords.hash('Zo\u00EB \uFB01sh')
  expect(await passwords.verify('Zoe\u0308 fish', phc)).toBe(true)
})

it('checking nobody\'s password is as much work as checking somebody\'s: it waits for its turn', async () => {
  const order: string[] = []
  await Promise.all([
    passwords.hash('first').then(() => order.push('hash')),
    passwords.verify('second', undefined).then(fits => order.push(`nobody ${fits}`)),
  ])
  expect(order).toEqual(['hash', 'nobody false'])
})

it('a crowd is told to come back instead of waiting for seconds', async () => {
  const results = await Promise.allSettled(Array.from({ length: 55 }).map(() => passwords.verify('guess', undefined)))
  const refused = results.filter(result => result.status === 'rejected').map(result => result.reason as AppError)
  expect(refused).toHaveLength(4)
  for (const error of refused) {
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({ code: 'rate-limited', retryAfter: 2 })
  }
  expect(await passwords.verify('guess', undefined)).toBe(false)
})
