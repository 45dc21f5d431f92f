/** A database that is written to while random faults hit it. */
import type { DatabaseSpec, ServiceEvent } from '@howdah/engine'
import type { Audit } from '@howdah/testkit/ledger'
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import type { Fault, Scene } from './ledger-faults.ts'
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
/** `HOWDAH_LEDGER_FAULTS='SIGSTOP|in place'` plays only those whose names match. */
const chosen = (Object.keys(faults) as (keyof typeof faults)[]).filter(name => new RegExp(process.env.HOWDAH_LEDGER_FAULTS ?? '').test(name))
/** Rows that are acknowledged before and after each fault. */
const rowsBetween = 20

/** A row cannot take less of WAL: a record of the heap, and one of the commit. */
const leastBytesOfRow = 90

describe.runIf(inject('cluster').s3)('what was acknowledged on Kubernetes is there, and once, whatever happens in between', () => {
  let test: ClusterEngine
  beforeAll(async () => {
    test = await clusterEngine()
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('with synchronous durability', async () => {
    const { audit, story } = await play({ instances: 3, durability: 'sync' })
    expect(audit, story).toEqual({ missing: [], twice: [], returned: [] })
  }, 600_000 + rounds * roundMs)

  it('with asynchronous durability, but for what each failover says that it lost', async () => {
    const { audit: { missing, ...rest }, lost, story } = await play({ instances: 2, durability: 'async' })
    expect(rest, story).toEqual({ twice: [], returned: [] })
    expect(lost, 'each failover says what it lost').not.toContain(null)
    expect(missing.length * leastBytesOfRow, `${missing.length} rows are missing\n${story}`).toBeLessThanOrEqual(lost.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0))
  }, 600_000 + rounds * roundMs)

  async function play(change: Pick<DatabaseSpec, 'instances' | 'durability'>): Promise<{ readonly audit: Audit, readonly lost: readonly (number | null)[], readonly story: string }> {
    const seed = Number(process.env.HOWDAH_LEDGER_SEED ?? randomInt(2 ** 31))
    const random = randomFrom(seed)
    const story = [`HOWDAH_LEDGER_SEED=${seed}: ${change.durability}, ${rounds} rounds`]
    console.log(story[0])
    let spec = await test.database(change)
    await test.becomes(spec, { phase: 'ready' })
    await test.backUp(spec)
    const ledger = await test.ledger(spec)
    const progress = async (): Promise<void> => {
      const before = ledger.count
      await until(() => ledger.count >= before + rowsBetween, { deadlineMs: roundMs, what: `writes go on after: ${story.at(-1)}` })
    }
    try {
      for (const name of drawn(random, rounds, chosen)) {
        story.push(name)
        console.log(name)
        const begun = performance.now()
        const fault: Fault = faults[name]
        const scene: Scene = { test, spec, observed: await test.becomes(spec, { phase: 'ready' }, roundMs), random, ledger, progress }
        await progress()
        await fault(scene)
        spec = scene.spec
        await progress()
        await test.becomes(spec, { phase: 'ready' }, roundMs)
        story.push(`${story.pop()} (${Math.round((performance.now() - begun) / 1000)} s)`)
      }
      await until(() => eventsOf(spec, 'failover.loss').length >= eventsOf(spec, 'failover').filter(({ lostBytes }) => lostBytes === null).length, { deadlineMs: roundMs, what: 'each failover says what it lost' })
    }
    catch (error) {
      throw new Error(`${story.join('\n  ')}\n${JSON.stringify(await test.engine.observe(spec))}`, { cause: error })
    }
    const audit = await ledger.end()
    const lost = eventsOf(spec, 'failover.loss').map(({ lostBytes }) => lostBytes as number | null)
    story.push(`${ledger.count} rows acknowledged, ${audit.missing.length} missing; ${eventsOf(spec, 'failover').length} failovers, lost ${JSON.stringify(lost)} bytes; longest pause ${Math.round(ledger.longestPauseMs / 1000)} s`)
    console.log(story.join('\n  '))
    return { audit, lost, story: story.join('\n  ') }
  }

  function eventsOf({ id }: DatabaseSpec, type: string): readonly ServiceEvent['details'][] {
    return test.heard.flatMap(heard => heard.kind === 'event' && heard.event.ref.id === id && heard.event.type === type ? [heard.event.details] : [])
  }
})
