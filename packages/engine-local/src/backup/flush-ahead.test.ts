import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { flushAhead, flushBytes } from './flush-ahead.ts'

const block = 8 * 2 ** 20

describe('the disk, while the files of a backup come', () => {
  it('begins after so many bytes, and again after as many', async () => {
    const begun: number[] = []
    let bytes = 0
    const come = flushAhead(async () => void begun.push(bytes))
    for (; bytes <= 2.5 * flushBytes; bytes += block) {
      come(bytes)
      await turn()
    }
    expect(begun).toEqual([flushBytes, 2 * flushBytes])
  })

  it('has one flush at a time, and the next one as soon as enough has come that the last one did not see', async () => {
    const begun: number[] = []
    let bytes = 0
    let ended = Promise.withResolvers<void>()
    const come = flushAhead(async () => {
      begun.push(bytes)
      await ended.promise
    })
    const comeUpTo = async (most: number): Promise<void> => {
      for (; bytes < most; bytes += block) {
        come(bytes + block)
        await turn()
      }
    }
    await comeUpTo(flushBytes)
    // It takes longer than what comes next.
    await comeUpTo(3 * flushBytes)
    expect(begun).toHaveLength(1)
    ended.resolve()
    ended = Promise.withResolvers()
    await turn()
    await comeUpTo(3 * flushBytes + block)
    expect(begun).toHaveLength(2)
    await comeUpTo(4 * flushBytes + block)
    expect(begun).toHaveLength(2)
    ended.resolve()
  })

  it('is left alone for less', async () => {
    const come = flushAhead(async () => expect.unreachable())
    come(flushBytes - 1)
    await turn()
  })
})
