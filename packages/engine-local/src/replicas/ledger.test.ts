import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { play } from '../testing/play.ts'

/** `npm test ledger` plays 30. `HOWDAH_LEDGER_SEED=…` plays the same again. */
const rounds = Number(process.env.HOWDAH_LEDGER_ROUNDS ?? 4)

describe('what was acknowledged is there, and once, whatever happens in between', () => {
  it.each(['sync', 'async'] as const)('%s', async (durability) => {
    const { missing, returned, story, told, twice, untold } = await play(durability, rounds)
    console.log(story)
    expect(twice, story).toEqual([])
    expect(returned, story).toEqual([])
    expect(untold, story).toEqual([])
    expect(missing, story).toEqual([])
    if (durability === 'sync')
      expect(told, story).toBe(0)
  }, 120_000 + rounds * 90_000)
})
