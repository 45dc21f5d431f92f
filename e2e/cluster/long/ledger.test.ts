/** A database that is written to while random faults hit it. */
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import type { Scene } from './ledger-faults.ts'
import { randomInt } from 'node:crypto'
import process from 'node:process'
import { drawn, randomFrom } from '@howdah/testkit/random'
import { until } from '@howdah/testkit/until'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { clusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { faults } from './ledger-faults.ts'

/** `HOWDAH_LEDGER_ROUNDS=30 npm test cluster-long e2e/cluster/long/ledger` plays 30. `HOWDAH_LEDGER_SEED=…` plays the same again. */
const rounds = Number(process.env.HOWDAH_LEDGER_ROUNDS ?? 4)
const roundMs = 300_000
/** Rows that are acknowledged before and after each fault. */
const rowsBetween = 20

describe.runIf(inject('cluster').s3)('what was acknowledged on Kubernetes is there, and once, whatever happens in between', () => {
  let test: ClusterEngine
  beforeAll(async () => {
    test = await clusterEngine()
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('with synchronous durability', async () => {
    const seed = Number(process.env.HOWDAH_LEDGER_SEED ?? randomInt(2 ** 31))
    const random = randomFrom(seed)
    const story = [`HOWDAH_LEDGER_SEED=${seed}: ${rounds} rounds`]
    console.log(story[0])
    let spec = await test.database({ instances: 3, durability: 'sync' })
    await test.becomes(spec, { phase: 'ready' })
    await test.backUp(spec)
    const ledger = await test.ledger(spec)
    const progress = async (): Promise<void> => {
      const before = ledger.count
      await until(() => ledger.count >= before + rowsBetween, { deadlineMs: roundMs, what: `writes go on after: ${story.at(-1)}` })
    }
    try {
      for (const name of drawn(random, rounds, Object.keys(faults) as (keyof typeof faults)[])) {
        story.push(name)
        console.log(name)
        const begun = performance.now()
        const scene: Scene = { test, spec, observed: await test.becomes(spec, { phase: 'ready' }, roundMs), random, ledger, progress }
        await progress()
        await faults[name](scene)
        spec = scene.spec
        await progress()
        await test.becomes(spec, { phase: 'ready' }, roundMs)
        story.push(`${story.pop()} (${Math.round((performance.now() - begun) / 1000)} s)`)
      }
    }
    catch (error) {
      throw new Error(`${story.join('\n  ')}\n${JSON.stringify(await test.engine.observe(spec))}`, { cause: error })
    }
    expect(await ledger.end(), story.join('\n  ')).toEqual({ missing: [], twice: [], returned: [] })
    console.log(`${story.join('\n  ')}\n${ledger.count} rows acknowledged; longest pause ${Math.round(ledger.longestPauseMs / 1000)} s`)
  }, 600_000 + rounds * roundMs)
})
