import type { Work } from './killed.ts'
import type { TestEngine } from './local-engine.ts'
import process from 'node:process'
import { expect } from 'vitest'
import { runAndKillAfter } from './killed.ts'

/** Kills of each kind of work. `npm test crash` kills after every effect; elsewhere it is after some, spread over all. */
const most = Number(process.env.HOWDAH_CRASH_ROUNDS ?? 6)

/** For a test of `killAfterEach`. */
export const eachEffectMs = Number.isFinite(most) ? 300_000 : 3_600_000

export interface Rounds {
  /** Bring the database to where it begins. Answers what is to be done, and the folder of the database, if it has one yet. */
  readonly begin: () => Promise<{ readonly work: Work, readonly root?: string }>
  /** Whoever comes next does the rest: see that it ends as it does when nobody is killed. */
  readonly finish: (work: Work) => Promise<void>
}

/** Have work done undisturbed, then once more for each effect that it had, by a process that is killed with SIGKILL right after that. */
export async function killAfterEach(test: TestEngine, { begin, finish }: Rounds): Promise<void> {
  const undisturbed = await begin()
  const { effects } = await runAndKillAfter(test, undisturbed.work, undisturbed.root)
  await finish(undisturbed.work)
  const chosen = spread(effects)
  const missed: string[] = []
  for (const effect of chosen) {
    const { work, root } = await begin()
    try {
      const { isDone } = await runAndKillAfter(test, work, root, effect)
      if (isDone)
        missed.push(effect)
      await finish(work)
    }
    catch (error) {
      throw new Error(`killed after: ${effect}`, { cause: error })
    }
  }
  console.log(`killed after ${chosen.length - missed.length} of ${effects.length} effects${missed.length > 0 ? `; not seen again: ${missed.join(', ')}` : ''}`)
  // Some depend on what else happens just then.
  expect(missed.length, missed.join(', ')).toBeLessThan(chosen.length / 2)
}

function spread(effects: readonly string[]): readonly string[] {
  return effects.length <= most ? effects : Array.from({ length: most }, (_, index) => effects[Math.floor((index + 0.5) * effects.length / most)]!)
}
