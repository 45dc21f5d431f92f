import type { DatabaseSpec, Observed } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomInt, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { EngineError } from '@howdah/engine'
import { until } from '@howdah/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { killLeftovers } from '../process.ts'
import { Ledger } from '../testing/ledger.ts'
import { testEngine } from '../testing/local-engine.ts'
import { pick, randomFrom } from '../testing/random.ts'
import { eventsOf, primaryOf, replicasOf, rootOf, serverOf, whole } from '../testing/replicated.ts'

/** `HOWDAH_LEDGER_ROUNDS=30 HOWDAH_LEDGER_SEED=…` plays more of them, or the same again. */
const rounds = Number(process.env.HOWDAH_LEDGER_ROUNDS ?? 4)
const writers = 4
/** Rows that are acknowledged before and after each fault. */
const rowsBetween = 20

interface Scene {
  readonly test: TestEngine
  spec: DatabaseSpec
  readonly observed: Observed
  readonly random: () => number
  readonly ledger: Ledger
}

const faults = {
  'kill -9 of the primary': async ({ observed, spec, test }) => {
    process.kill(await serverOf(test, spec, primaryOf(observed)), 'SIGKILL')
  },
  'SIGSTOP of the primary': async ({ observed, spec, test }) => {
    process.kill(await serverOf(test, spec, primaryOf(observed)), 'SIGSTOP')
  },
  'kill -9 of a replica': async ({ observed, random, spec, test }) => {
    process.kill(await serverOf(test, spec, pick(random, replicasOf(observed))), 'SIGKILL')
  },
  'SIGSTOP of a replica': async ({ observed, random, spec, test }) => {
    process.kill(await serverOf(test, spec, pick(random, replicasOf(observed))), 'SIGSTOP')
  },
  'kill -9 of the gateway': async ({ spec, test }) => {
    await killLeftovers(join(await rootOf(test, spec), 'gateway'))
  },
  'kill -9 of primary and gateway': async ({ observed, spec, test }) => {
    process.kill(await serverOf(test, spec, primaryOf(observed)), 'SIGKILL')
    await killLeftovers(join(await rootOf(test, spec), 'gateway'))
  },
  'kill -9 of the primary while the control plane is away': async ({ observed, spec, test }) => {
    const pid = await serverOf(test, spec, primaryOf(observed))
    await test.reopen(undefined, () => process.kill(pid, 'SIGKILL'))
  },
  'switchover': async ({ spec, test }) => {
    const id = randomUUID()
    await until(async () => await again(async () => (await test.engine.switchOver(spec, { id })).outcome === 'done'), { deadlineMs: 60_000, what: 'the role is handed over' })
  },
  'one replica more, or less': async (scene) => {
    const { spec, test } = scene
    scene.spec = { ...spec, generation: spec.generation + 1, instances: spec.instances === 2 ? 3 : 2 }
    await until(async () => await again(async () => (await test.settle(scene.spec)).outcome === 'done'), { deadlineMs: 60_000, what: 'it is as asked' })
  },
  'restart': async (scene) => {
    const { spec, test } = scene
    scene.spec = { ...spec, generation: spec.generation + 1, restartToken: randomUUID() }
    await until(async () => await again(async () => (await test.settle(scene.spec)).outcome === 'done'), { deadlineMs: 60_000, what: 'it is as asked' })
  },
  'restore in place to a moment ago': async ({ ledger, spec, test }) => {
    const since = ledger.count
    const { name } = await test.engine.createRestorePoint(spec, `point-${randomUUID()}`)
    const order = { id: randomUUID(), from: { id: spec.id, target: { kind: 'name', name } as const }, undoUntil: new Date(Date.now() + 3_600_000) }
    await until(async () => await again(async () => (await test.engine.restore(spec, order)).outcome === 'done'), { deadlineMs: 60_000, what: 'it is restored' })
    await until(async () => await again(async () => (await test.settle(spec)).outcome === 'done'), { deadlineMs: 60_000, what: 'it is as asked' })
    ledger.giveUp(since)
  },
} satisfies Record<string, (scene: Scene) => Promise<void>>

/** As a worker does it: what is not available now is tried again. */
async function again(work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work()
  }
  catch (error) {
    if (error instanceof EngineError && error.code === 'unavailable')
      return false
    throw error
  }
}

describe('what was acknowledged is there, and once, whatever happens in between', () => {
  let test: TestEngine
  beforeEach(async () => {
    test = await testEngine({ timings: { checkReplicatedEvery: 200, backOff: [20, 50, 100] } })
  }, 120_000)
  afterEach(async () => await test.remove(), 60_000)

  it.each(['sync', 'async'] as const)('%s', async (durability) => {
    const seed = Number(process.env.HOWDAH_LEDGER_SEED ?? randomInt(2 ** 31))
    const random = randomFrom(seed)
    const story: string[] = [`HOWDAH_LEDGER_SEED=${seed} HOWDAH_LEDGER_ROUNDS=${rounds}`]
    let spec = await test.database({ instances: durability === 'sync' ? 3 : 2, durability })
    const ledger = new Ledger(test, spec)
    await whole(test, spec)
    await ledger.begin(writers)
    const backup = randomUUID()
    await until(async () => (await test.engine.takeBackup(spec, backup)).outcome === 'done', { deadlineMs: 60_000, what: 'the backup is taken' })
    try {
      for (let round = 0; round < rounds; round++) {
        await progress(ledger, story)
        const name = pick(random, Object.keys(faults) as (keyof typeof faults)[])
        story.push(name)
        const scene: Scene = { test, spec, observed: await whole(test, spec), random, ledger }
        await faults[name](scene)
        spec = scene.spec
        await progress(ledger, story)
        await whole(test, spec)
      }
    }
    catch (error) {
      throw new Error(`${story.join('\n  ')}\n${await lastOf(test, spec)}`, { cause: error })
    }
    const { missing, twice } = await ledger.end()
    const lost = eventsOf(test.heard, spec, 'failover.done').map(({ details }) => details.lostBytes)
    // Told by the seed how to play it again.
    console.log(`${durability}: ${ledger.count} rows acknowledged, ${lost.length} failovers\n  ${story.join('\n  ')}`)
    expect(twice, story.join('\n')).toEqual([])
    // Of async neither: the old disk can be read here, and what was not sent is brought from it.
    expect(missing, story.join('\n')).toEqual([])
  }, 60_000 + rounds * 60_000)
})

async function progress(ledger: Ledger, story: readonly string[]): Promise<void> {
  const before = ledger.count
  await until(() => ledger.count >= before + rowsBetween, { deadlineMs: 60_000, what: `writes go on after: ${story.at(-1)}` })
}

async function lastOf(test: TestEngine, spec: DatabaseSpec): Promise<string> {
  const topology = await readFile(join(await rootOf(test, spec), 'topology.json'), 'utf8')
  return `${JSON.stringify(await test.engine.observe(spec))}\n${topology.replace(/"replicationPassword": "[^"]*"/, '')}`
}
