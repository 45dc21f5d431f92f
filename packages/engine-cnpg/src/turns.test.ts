import { expect, it } from 'vitest'
import { Turns } from './turns.ts'

/** Work that ends when the test says so. */
function held(turns: Turns, name: string, begun: string[]): { readonly end: (error?: Error) => void, readonly outcome: Promise<string> } {
  const gate = Promise.withResolvers<void>()
  const outcome = turns.run(async () => {
    begun.push(name)
    await gate.promise
    return name
  })
  return { outcome, end: error => error ? gate.reject(error) : gate.resolve() }
}

it('so many run at a time, the others in the order in which they came', async () => {
  const begun: string[] = []
  const turns = new Turns({ atATime: 2, mostMs: 60_000 })
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => held(turns, name, begun)) as [ReturnType<typeof held>, ReturnType<typeof held>, ReturnType<typeof held>, ReturnType<typeof held>]
  expect(begun).toEqual(['a', 'b'])
  b.end()
  expect(await b.outcome).toBe('b')
  expect(begun).toEqual(['a', 'b', 'c'])
  a.end(new Error('refused'))
  await expect(a.outcome).rejects.toThrow('refused')
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
  c.end()
  d.end()
  await Promise.all([c.outcome, d.outcome])
  const again = held(turns, 'e', begun)
  again.end()
  expect(await again.outcome).toBe('e')
})

it('one that hangs keeps the next one waiting for so long only, and does not count twice when it ends', async () => {
  const begun: string[] = []
  const turns = new Turns({ atATime: 1, mostMs: 20 })
  const hanging = held(turns, 'hanging', begun)
  const next = turns.run(async () => void begun.push('next'))
  await next
  const third = held(turns, 'third', begun)
  const fourth = held(turns, 'fourth', begun)
  hanging.end()
  expect(await hanging.outcome).toBe('hanging')
  expect(begun).toEqual(['hanging', 'next', 'third'])
  third.end()
  await third.outcome
  fourth.end()
  expect(await fourth.outcome).toBe('fourth')
})
