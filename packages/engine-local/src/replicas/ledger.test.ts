import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { play } from '../testing/play.ts'

/** `npm test ledger` plays 30. `HOWDAH_LEDGER_SEED=…` plays the same again. */
const rounds = Number(process.env.HOWDAH_LEDGER_ROUNDS ?? 4)
/** A row cannot take less of WAL: a record of the heap, and one of the commit. */
const leastBytesOfRow = 90

describe('what was acknowledged is there, and once, whatever happens in between', () => {
  it.each(['sync', 'async'] as const)('%s', async (durability) => {
    const { lost, missing, returned, story, twice } = await play(durability, rounds)
    console.log(story)
    expect(twice, story).toEqual([])
    expect(returned, story).toEqual([])
    if (durability === 'sync' || lost.every(bytes => bytes === 0))
      expect(missing, story).toEqual([])
    else if (!lost.includes(null))
      expect(missing.length * leastBytesOfRow, story).toBeLessThanOrEqual(lost.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0))
  }, 120_000 + rounds * 90_000)
})
