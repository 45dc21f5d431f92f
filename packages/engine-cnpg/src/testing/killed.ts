import type { ClusterEngine } from './cluster-engine.ts'
import type { Point } from './effect-proxy.ts'
import type { ChildOrder, Work } from './work.ts'
import { fork } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder } from '@howdah/testkit'
import { effectProxy } from './effect-proxy.ts'
import { done } from './ended.ts'
import { readAccountKubeconfig, writeAccountKubeconfig } from './kubeconfig-of-account.ts'
import { stepOf } from './work.ts'

/** What was seen of a control plane until it was killed. */
interface Killed {
  /** What it changed in the cluster. */
  readonly effects: readonly string[]
  /** Whether it had done all of it. */
  readonly isDone: boolean
}

/** Let another process do the work, and kill it with SIGKILL at this point; with none, when it is done. */
export async function runAndKill(test: ClusterEngine, work: Work, point?: Point): Promise<Killed> {
  const folder = await temporaryFolder()
  const proxy = await effectProxy(await readAccountKubeconfig(), point)
  try {
    const kubeconfig = join(folder.path, 'kubeconfig')
    await writeAccountKubeconfig(kubeconfig, { server: proxy.url })
    const child = fork(new URL('child.ts', import.meta.url), { serialization: 'advanced' })
    const exited = Promise.withResolvers<number | null>()
    const isDone = Promise.withResolvers<'done'>()
    child.once('exit', code => exited.resolve(code))
    child.on('message', (message: { readonly hello?: boolean, readonly isDone?: boolean }) => {
      if (message.hello)
        child.send({ settings: test.settings({ kubeconfig }), work } satisfies ChildOrder)
      if (message.isDone)
        isDone.resolve('done')
    })
    const how = await Promise.race([isDone.promise, proxy.reached, exited.promise])
    child.kill('SIGKILL')
    const code = await exited.promise
    if (code !== null)
      throw new Error(`the control plane that was to be killed ended with ${code}`)
    return { effects: [...proxy.effects], isDone: how === 'done' }
  }
  finally {
    await proxy.remove()
    await folder.remove()
  }
}

/** A control plane that begins now does what is left. */
async function finishAnew(test: ClusterEngine, work: Work): Promise<void> {
  const next = test.createEngine()
  await next.open()
  try {
    await done(async () => await stepOf(next, work), { deadlineMs: 300_000, what: 'the next one does the rest' })
  }
  finally {
    await next.close()
  }
}

interface Rounds {
  /** Bring a database to where it begins. Answers what is to be done. */
  readonly begin: () => Promise<Work>
  /** What holds in the end, whoever was killed. */
  readonly holds: (work: Work) => Promise<void>
  /** Rounds at a time, each with a database of its own; one unless it says more. */
  readonly atATime?: number
}

/** Kills of each kind of work, spread over all points. `HOWDAH_CRASH_ROUNDS=Infinity npm test -- cluster-long packages/engine-cnpg/src/crash` kills at each. */
const most = Number(process.env.HOWDAH_CRASH_ROUNDS ?? 6)

/** Have work done undisturbed, then once more for each point before and after one of its effects, by a process that is killed there. */
export async function killAtEach(test: ClusterEngine, { atATime = 1, begin, holds }: Rounds): Promise<void> {
  const undisturbed = await begin()
  const { effects } = await runAndKill(test, undisturbed)
  await holds(undisturbed)
  const points = effects.flatMap((_, effect) => (['before', 'after'] as const).map(when => ({ effect, when })))
  const chosen = points.length <= most ? points : Array.from({ length: most }, (_, index) => points[Math.floor((index + 0.5) * points.length / most)]!)
  let missed = 0
  const rest = chosen.values()
  const rounds = async (): Promise<void> => {
    for (const point of rest) {
      const work = await begin()
      try {
        const { isDone } = await runAndKill(test, work, { when: point.when, isAt: ({ length }) => length === point.effect + 1 })
        missed += Number(isDone)
        await finishAnew(test, work)
        await holds(work)
      }
      catch (error) {
        throw new Error(`killed ${point.when} effect ${point.effect + 1} of ${effects.length}, ${effects[point.effect]}: ${JSON.stringify(await test.engine.observe(work.spec))}`, { cause: error })
      }
    }
  }
  await Promise.all(Array.from({ length: atATime }, rounds))
  console.log(`killed at ${chosen.length - missed} points around: ${effects.join(', ')}`)
  // How often something is asked for depends on what else happens just then.
  if (missed > chosen.length / 3)
    throw new Error(`${missed} of ${chosen.length} points were not reached`)
}

/** More than any work takes. */
const mostLives = 200
/** Whoever comes no further than others before him is let go on after so many. */
const mostAlike = 2

/**
 * Have one work done by control planes that follow each other, each killed at the first thing that its predecessor had not come to: in the
 * end at everything, over one database. Answers at what.
 */
export async function killAtEachInTurn(test: ClusterEngine, work: Work, when: Point['when']): Promise<readonly string[]> {
  const at: string[] = []
  const lives: string[] = []
  let before: readonly string[] = []
  while (lives.length < mostLives) {
    const { effects, isDone } = await runAndKill(test, work, {
      when,
      isAt: effects => !isIn(before, effects) && lives.filter(life => life === effects.join()).length < mostAlike,
    })
    if (isDone)
      return at
    at.push(effects.at(-1) ?? '')
    lives.push(effects.join())
    before = effects
  }
  throw new Error(`${mostLives} control planes did not do it, killed ${when}: ${at.join(', ')}; ${JSON.stringify(await test.engine.observe(work.spec))}`)
}

/** What was not decided yet is done again, from the first or from where he was killed. */
function isIn(before: readonly string[], effects: readonly string[]): boolean {
  return before.some((_, start) => effects.every((effect, index) => before[start + index] === effect))
}
