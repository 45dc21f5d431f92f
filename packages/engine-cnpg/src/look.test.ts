import { EngineError } from '@howdah/engine'
import { expect, it } from 'vitest'
import { Looks } from './look.ts'

it('one that takes longer than a step says what it is at, is not begun twice, and is forgotten when it has ended', async () => {
  const looks = new Looks<number>(5)
  const end = Promise.withResolvers<number>()
  let begun = 0
  const work = async (say: (text: string) => void): Promise<number> => {
    begun++
    say('rows')
    return await end.promise
  }
  expect([await looks.at('a', work), await looks.at('a', work)]).toEqual(['rows', 'rows'])
  end.resolve(7)
  expect(await looks.at('a', work)).toEqual({ value: 7 })
  expect(begun).toBe(1)
  await looks.at('a', work)
  expect(begun).toBe(2)
})

it('one that fails is told once, and tried again', async () => {
  const looks = new Looks<number>(5)
  await expect(looks.at('a', async () => await Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(await looks.at('a', async () => 7)).toEqual({ value: 7 })
})

it('one that meets what is not available says so, and is tried again', async () => {
  const looks = new Looks<number>(5)
  expect(await looks.at('a', async () => await Promise.reject(new EngineError('unavailable', 'The server does not answer now.')))).toBe('The server does not answer now.')
  expect(await looks.at('a', async () => 7)).toEqual({ value: 7 })
})
