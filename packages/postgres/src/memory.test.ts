import { describe, expect, it } from 'vitest'
import { memorySettings } from './memory.ts'

describe('memory', () => {
  it.each([128, 256, 512, 1024, 4096, 65_536])('of %i MiB is shared out without promising more than there is', (memoryMib) => {
    const settings = memorySettings({ memoryMib, cpu: 2 })
    const number = (name: string): number => Number.parseInt(settings[name] ?? '')
    expect(number('shared_buffers')).toBeLessThanOrEqual(memoryMib / 2)
    expect(number('effective_cache_size')).toBeLessThanOrEqual(memoryMib)
    expect(number('work_mem') * number('max_connections') / 1024).toBeLessThanOrEqual(memoryMib)
    expect(number('max_connections')).toBeGreaterThanOrEqual(25)
  })
})
