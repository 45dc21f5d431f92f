import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { letGo } from './let-go.ts'

describe('memory that nobody reads any more', () => {
  it('is given back at once when it is large', () => {
    const large = Buffer.allocUnsafe(2 ** 21)
    letGo(large.subarray(0, 100))
    expect(large.length).toBe(0)
  })

  it('stays when it is small, because others lie in the same piece', () => {
    const [small, neighbour] = [Buffer.from('howdah'), Buffer.from('elephant')]
    expect(small.buffer).toBe(neighbour.buffer)
    letGo(small)
    expect(neighbour.toString()).toBe('elephant')
  })
})
