import { describe, expect, it } from 'vitest'
import { Stock } from './stock.ts'

describe('a stock', () => {
  it('gives what is there, the oldest first', () => {
    const stock = new Stock()
    stock.add('a')
    stock.add('b')
    expect([stock.size, stock.take(), stock.take(), stock.take(), stock.size]).toEqual([2, 'a', 'b', undefined, 0])
  })

  it('gives whoever waits what comes first, and keeps what was made for them', async () => {
    const stock = new Stock()
    const made = Promise.withResolvers<string>()
    const waiting = stock.next(made.promise)
    stock.add('under way before')
    await expect(waiting).resolves.toBe('under way before')
    made.resolve('made for it')
    await made.promise
    expect([stock.take(), stock.take()]).toEqual(['made for it', undefined])
  })

  it('serves those who wait in their order', async () => {
    const stock = new Stock()
    const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
    const waiting = [stock.next(first.promise), stock.next(second.promise)]
    second.resolve('made for the second')
    first.resolve('made for the first')
    await expect(Promise.all(waiting)).resolves.toEqual(['made for the second', 'made for the first'])
    expect(stock.size).toBe(0)
  })

  it('tells one who waits when what was made for them fails, and only as many as that', async () => {
    const stock = new Stock()
    const [bad, good] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
    const waiting = [stock.next(bad.promise), stock.next(good.promise)]
    bad.reject(new Error('the disk is full'))
    good.resolve('made')
    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })
})
