import type { DatabaseSpec, Durability } from '@howdah/engine'
import type { Audit } from '@howdah/testkit/ledger'
import type { Fault } from './faults.ts'
import type { TestEngine } from './local-engine.ts'
import type { SmallDisk } from './small-disk.ts'
import { execFile } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { until } from '@howdah/testkit'
import { Ledger } from '@howdah/testkit/ledger'
import { drawn, randomFrom } from '@howdah/testkit/random'
import { faults } from './faults.ts'
import { sessionAt, testEngine } from './local-engine.ts'
import { eventsOf, rootOf, whole } from './replicated.ts'
import { unreported } from './reported.ts'
import { canMount, smallDisk } from './small-disk.ts'

const run = promisify(execFile)

const writers = 4
/** Rows that are acknowledged before and after each fault. */
const rowsBetween = 20
/** Room for five databases with all their WAL, and for what is restored meanwhile. */
const diskMib = 4096

export interface Played extends Audit {
  /** The seed and what happened, to be played again. */
  readonly story: string
  /** Rows that are lost, and that no failover of that round had told may be. */
  readonly untold: readonly string[]
  /** How many rows were lost that were told of. */
  readonly told: number
}

/** Let so many random faults hit a database that is written to, and look at what is left. `HOWDAH_LEDGER_SEED=…` plays the same again. */
export async function play(durability: Durability, rounds: number): Promise<Played> {
  const disk = canMount ? await smallDisk(diskMib) : undefined
  const test = await testEngine({ ...disk && { dataDir: disk.path }, timings: { checkReplicatedEvery: 200, backOff: [20, 50, 100] } })
  const played = await playOn(test, disk, durability, rounds).then(value => ({ value }), (error: unknown) => ({ error }))
  try {
    await disk?.free()
    await test.remove()
    await disk?.remove()
  }
  catch (error) {
    // What went wrong first is why it cannot be removed.
    throw 'error' in played ? new AggregateError([played.error, error], String(played.error)) : error
  }
  if ('error' in played)
    throw played.error
  return played.value
}

async function playOn(test: TestEngine, disk: SmallDisk | undefined, durability: Durability, rounds: number): Promise<Played> {
  const seed = Number(process.env.HOWDAH_LEDGER_SEED ?? randomInt(2 ** 31))
  const random = randomFrom(seed)
  const story = [`HOWDAH_LEDGER_SEED=${seed}: ${durability}, ${rounds} rounds`]
  console.log(story[0])
  let spec = await test.database({ instances: durability === 'sync' ? 3 : 2, durability })
  await whole(test, spec)
  // Asked for once: the address has to stay the same.
  const { endpoint } = await test.observe(spec)
  const first = spec
  const ledger = await Ledger.begin(async () => await sessionAt(endpoint, first), { writers, notesWal: true })
  const backup = randomUUID()
  await until(async () => (await test.engine.takeBackup(spec, backup)).outcome === 'done', { deadlineMs: 60_000, what: 'the backup is taken' })
  const untold: string[] = []
  let told = 0
  let heard = test.heard.length
  try {
    const names = (Object.keys(faults) as (keyof typeof faults)[]).filter(name => canMount || name !== 'a full disk')
    for (const name of drawn(random, rounds, names)) {
      story.push(name)
      const fault: Fault = faults[name]
      const scene = { test, spec, observed: await whole(test, spec), random, ledger, disk, progress }
      await progress()
      await fault(scene)
      spec = scene.spec
      await progress()
      await whole(test, spec)
      const lost = await ledger.lost()
      const failovers = eventsOf(test.heard.slice(heard), spec, 'failover.done')
      heard = test.heard.length
      const unexcused = unreported(lost, failovers)
      untold.push(...unexcused)
      told += lost.length - unexcused.length
      if (lost.length > 0)
        story.push(`  ${lost.length} rows lost, ${unexcused.length} of them untold: ${failovers.map(({ message }) => message).join(' ')}`)
    }
  }
  catch (error) {
    throw new Error(`${story.join('\n  ')}\n${await lastOf(test, spec)}`, { cause: error })
  }
  const audit = await ledger.end()
  const failovers = eventsOf(test.heard, spec, 'failover.done').length
  return { ...audit, untold, told, story: `${story.join('\n  ')}\n${ledger.count} rows acknowledged and kept, ${failovers} failovers, ${told} rows lost as told` }

  async function progress(): Promise<void> {
    const before = ledger.count
    await until(() => ledger.count >= before + rowsBetween, { deadlineMs: 60_000, what: `writes go on after: ${story.at(-1)}` })
  }
}

async function lastOf(test: TestEngine, spec: DatabaseSpec): Promise<string> {
  const topology = await readFile(join(await rootOf(test, spec), 'topology.json'), 'utf8')
  return `${JSON.stringify(await test.engine.observe(spec))}\n${topology.replace(/"replicationPassword": "[^"]*"/, '')}\n${await programsOf(test)}`
}

/** What runs of its servers and beside them, since when, and what it waits for: one that hangs is seen. */
async function programsOf({ dataDir }: TestEngine): Promise<string> {
  const { stdout } = await run('ps', ['-ewwo', 'pid,ppid,etimes,stat,wchan:20,args'])
  return stdout.split('\n').filter(line => line.includes(dataDir) || / (?:sh|mv) \.\.|postgres: (?:archiver|startup)/.test(line)).join('\n')
}
