import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from './testing/local-engine.ts'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { dataOf, readPlaces, until } from '@howdah/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findPostmaster } from './process.ts'
import { moments, runAndKill, timeOf } from './testing/killed.ts'
import { testEngine } from './testing/local-engine.ts'

/**
 * A control plane is killed with SIGKILL at moments spread over everything it does, steps and what is between them.
 * Whatever moment it was, the next one ends in the same state.
 */
describe('kill -9 of the control plane at any moment', () => {
  let test: TestEngine
  beforeEach(async () => {
    test = await testEngine({ poolSize: 2 })
  }, 120_000)
  afterEach(async () => await test.remove(), 60_000)

  it('while it creates: the database becomes ready, once, and nothing else is left', async () => {
    const whole = await timeOf(test, { spec: test.spec() })
    for (const [index, moment] of moments(whole, 8).entries()) {
      // In turn one that takes a member whose server runs, and one that does not.
      const spec = test.spec({ extensions: ['pgcrypto'], memoryMib: index % 2 === 0 ? 512 : 256 })
      await runAndKill(test, { spec }, moment)
      expect(await test.settle(spec), `killed after ${moment} ms`).toEqual({ outcome: 'done' })
      expect(await test.observe(spec)).toMatchObject({ phase: 'ready', generation: 1 })
      const client = await test.connect(spec)
      expect((await client.query('select extname from pg_extension where extname = \'pgcrypto\'')).rows).toHaveLength(1)
      await client.end()
      expect([...(await readPlaces(test.dataDir)).databases.keys()].filter(id => id === spec.id)).toEqual([spec.id])
    }
    // Half-made pool members of the dead are swept by those who come after.
    await until(async () => (await readPlaces(test.dataDir)).unfinished.length === 0, { deadlineMs: 60_000, what: 'nothing half-made is left' })
  }, 180_000)

  it('while it changes everything that can change: all of it is in effect in the end', async () => {
    const spec = await test.database()
    const change = (generation: number): DatabaseSpec => ({
      ...spec,
      generation,
      owner: { ...spec.owner, password: `p-${generation}` },
      parameters: { max_connections: String(30 + generation), work_mem: `${5 + generation}MB` },
      extensions: generation % 2 === 0 ? ['pgcrypto', 'dblink'] : ['cube'],
      memoryMib: 256 + generation * 4,
      restartToken: `restart-${generation}`,
    })
    const whole = await timeOf(test, { spec: change(2) })
    for (const [index, moment] of moments(whole, 6).entries()) {
      const changed = change(3 + index)
      await runAndKill(test, { spec: changed }, moment)
      expect(await test.settle(changed), `killed after ${moment} ms`).toEqual({ outcome: 'done' })
      expect(await test.engine.plan(changed)).toMatchObject({ steps: [] })
      const client = await test.connect(changed)
      const { rows } = await client.query('select current_setting(\'max_connections\') as connections, array(select extname::text from pg_extension where extname <> \'plpgsql\' order by 1) as extensions')
      expect(rows).toEqual([{ connections: changed.parameters.max_connections, extensions: [...changed.extensions].sort() }])
      await client.end()
    }
  }, 180_000)

  it('while it deletes: nothing is left', async () => {
    const first = await test.database()
    const whole = await timeOf(test, { spec: first, destroy: true })
    for (const moment of moments(whole, 4)) {
      const spec = await test.database()
      const data = await dataOf(test.dataDir, spec.id)
      await runAndKill(test, { spec, destroy: true }, moment)
      expect(await test.engine.destroy(spec), `killed after ${moment} ms`).toEqual({ outcome: 'done' })
      expect(await test.engine.observe(spec)).toBeUndefined()
      expect(await findPostmaster(data)).toBeUndefined()
      expect((await readPlaces(test.dataDir)).databases.size).toBe(0)
      expect(await readdir(join(test.dataDir, 'trash'))).toEqual([])
      const { members } = await readPlaces(test.dataDir)
      expect((await readdir(join(test.dataDir, 'run'))).length).toBeLessThanOrEqual(members.length)
    }
  }, 180_000)
})
