import type { Context, SqlSession } from '../conformance.ts'
import type { Observed } from '../observed.ts'
import type { DatabaseSpec } from '../spec.ts'
import { describe, expect, it } from 'vitest'

export function replicasSuite(context: Context): void {
  /** All members are there and as they should be. */
  async function whole(spec: DatabaseSpec): Promise<Observed> {
    return await context.until(`${spec.name} has ${spec.instances} members`, async () => {
      const observed = await context.observe(spec)
      return observed.phase === 'ready' && observed.members.length === spec.instances && observed.members.every(({ phase }) => phase === 'ready')
        ? observed
        : undefined
    })
  }

  function primaryOf(observed: Observed): string | undefined {
    return observed.members.find(({ role }) => role === 'primary')?.name
  }

  async function readOnly(spec: DatabaseSpec): Promise<SqlSession> {
    const observed = await context.observe(spec)
    const { endpoint } = observed
    if (!endpoint?.readOnlyPort || !context.harness.connect)
      throw new Error('there is no read-only address')
    return await context.harness.connect({ observed: { ...observed, endpoint: { ...endpoint, port: endpoint.readOnlyPort } }, user: spec.owner.user, password: spec.owner.password, database: spec.database })
  }

  /** What a change says that it interrupts it does interrupt, once; and where it says nothing, no session is cut. */
  async function holdsItsPlan(spec: DatabaseSpec): Promise<void> {
    const { interruption, reasons, steps } = await context.engine.plan(spec)
    expect(steps.length).toBeGreaterThan(0)
    expect(interruption === 'restart').toBe(reasons.length > 0)
    const held = context.harness.connect && await hold(spec)
    expect((await context.settle(spec)).at(-1)).toEqual({ outcome: 'done' })
    await whole(spec)
    expect(await held?.letGo() ?? 0).toBe(held && interruption === 'restart' ? 1 : 0)
  }

  /** A session that is used all the time, and opened again whenever it is cut. `letGo` answers how often that was. */
  async function hold(spec: DatabaseSpec): Promise<{ letGo: () => Promise<number> }> {
    let session = await context.login(spec)
    let cuts = 0
    const over = new AbortController()
    const held = (async () => {
      while (!over.signal.aborted) {
        try {
          await session.query('select pg_sleep(0.02)')
        }
        catch {
          // However it was cut: that it was is what counts.
          cuts++
          session = await context.until('its address leads to a server again', async () => await context.login(spec).catch(() => undefined))
        }
      }
      await session.close()
    })()
    return {
      letGo: async () => {
        over.abort()
        await held
        return cuts
      },
    }
  }

  const two = context.shared(async () => {
    const { durability } = await context.engine.capabilities()
    return { spec: await context.database({ instances: 2, durability: durability.includes('sync') ? 'sync' : 'async' }) }
  })

  describe('replicas', () => {
    it('a database of two has one primary and one replica, which shows what was written and takes no writes', async ({ skip }) => {
      if ((await context.engine.capabilities()).maxInstances < 2)
        return skip('no replicas here')
      const { spec } = await two()
      const observed = await whole(spec)
      expect(observed.members.map(({ role }) => role).sort()).toEqual(['primary', 'replica'])
      expect(observed.members.find(({ role }) => role === 'replica')).toMatchObject({ lagBytes: expect.any(Number), lagSeconds: expect.any(Number) })
      expect(await context.engine.plan(spec)).toMatchObject({ steps: [], refusals: [] })
      if (!context.harness.connect || observed.endpoint?.readOnlyPort === undefined)
        return skip('no SQL here, or no read-only address')
      const writer = await context.login(spec)
      await writer.query('create table seen as select 42 as answer')
      await writer.close()
      const reader = await readOnly(spec)
      await context.until('the replica shows it', async () => await reader.query('select answer from seen').then(rows => rows.length === 1, () => false))
      await expect(reader.query('create table refused (id int)')).rejects.toThrow(/read-only/)
      await reader.close()
    })

    it('logs are of all members, each record with whose it is, merged in the order of time; a follower hears all of them', async ({ skip }) => {
      if ((await context.engine.capabilities()).maxInstances < 2)
        return skip('no replicas here')
      const place = await two()
      const names = (await whole(place.spec)).members.map(({ name }) => name).sort()
      const following = new AbortController()
      const heard = new Set<string>()
      const listening = (async () => {
        for await (const { member } of context.engine.followLogs(place.spec, {}, following.signal))
          heard.add(member)
      })()
      // Each server says that it stops and starts.
      place.spec = { ...place.spec, generation: place.spec.generation + 1, restartToken: 'for-log-of-all' }
      await context.settle(place.spec)
      await whole(place.spec)
      await context.until('all are heard', async () => names.every(name => heard.has(name)))
      following.abort()
      await listening
      expect([...heard].sort()).toEqual(names)

      const { records } = await context.until('all are in the log', async () => {
        const page = await context.engine.logs(place.spec, { limit: 1000 })
        return names.every(name => page.records.some(({ member }) => member === name)) ? page : undefined
      })
      expect([...new Set(records.map(({ member }) => member))].sort()).toEqual(names)
      const times = records.map(({ at }) => at.getTime())
      expect(times).toEqual(times.toSorted((a, b) => b - a))
      // Not one after the other.
      const turns = records.filter(({ member }, index) => member !== records[index - 1]?.member).length
      expect(turns).toBeGreaterThan(names.length)
      for (const name of names) {
        const { records: own } = await context.engine.logs(place.spec, { limit: 1000, member: name, to: records[0]!.at })
        expect(own.length).toBeGreaterThan(0)
        expect(own.every(({ member }) => member === name)).toBe(true)
      }
    })

    it('the first replica is announced with what it interrupts, and changes neither address nor data', async ({ skip }) => {
      const { maxInstances } = await context.engine.capabilities()
      if (maxInstances < 2)
        return skip('no replicas here')
      const spec = await context.database()
      const before = await context.observe(spec)
      if (context.harness.connect) {
        const session = await context.login(spec)
        await session.query('create table kept as select 42 as answer')
        await session.close()
      }
      const larger = { ...spec, generation: 2, instances: 2 }
      await holdsItsPlan(larger)
      const after = await whole(larger)
      expect(after.endpoint).toMatchObject({ host: before.endpoint?.host, port: before.endpoint?.port })
      await holdsItsPlan({ ...spec, generation: 3 })
      if (context.harness.connect) {
        const session = await context.login(spec)
        expect(await session.query('select answer from kept')).toEqual([{ answer: 42 }])
        await session.close()
      }
    })

    it('replicas come and go as asked, and another engine object sees the same', async ({ skip }) => {
      if ((await context.engine.capabilities()).maxInstances < 3)
        return skip('no two replicas here')
      const spec = await context.database({ instances: 3 })
      await whole(spec)
      await context.reopen()
      const before = await whole(spec)
      const smaller = { ...spec, generation: 2, instances: 2 }
      expect((await context.settle(smaller)).at(-1)).toEqual({ outcome: 'done' })
      expect(primaryOf(await whole(smaller))).toBe(primaryOf(before))
      const alone = { ...spec, generation: 3, instances: 1 }
      expect((await context.settle(alone)).at(-1)).toEqual({ outcome: 'done' })
      expect((await whole(alone)).endpoint?.readOnlyPort).toBeUndefined()
      const again = { ...spec, generation: 4, instances: 2 }
      expect((await context.settle(again)).at(-1)).toEqual({ outcome: 'done' })
      await whole(again)
    })

    it('a commit waits for a replica only where there is one to wait for', async ({ skip }) => {
      const { durability, maxInstances } = await context.engine.capabilities()
      if (maxInstances < 2 || !durability.includes('sync'))
        return skip('no synchronous replicas here')
      expect((await context.engine.plan(context.spec({ durability: 'sync' }))).refusals).toEqual([{ pointer: '/durability', detail: expect.any(String) }])
      const place = await two()
      const { spec } = place
      await whole(spec)
      if (context.harness.connect) {
        const session = await context.login(spec)
        await session.query('create table on_both (id int)')
        await session.close()
      }
      const relaxed = { ...spec, generation: spec.generation + 1, durability: 'async' as const }
      expect(await context.engine.plan(relaxed)).toMatchObject({ interruption: expect.stringMatching(/none|reload/) })
      expect((await context.settle(relaxed)).at(-1)).toEqual({ outcome: 'done' })
      place.spec = relaxed
    })

    it('a database of two hibernates and resumes with both', async ({ skip }) => {
      const { hibernate, maxInstances } = await context.engine.capabilities()
      if (maxInstances < 2 || !hibernate)
        return skip('no replicas or no hibernation here')
      const place = await two()
      const { spec } = place
      const { endpoint } = await whole(spec)
      const asleep = { ...spec, generation: spec.generation + 1, hibernated: true }
      expect((await context.settle(asleep)).at(-1)).toEqual({ outcome: 'done' })
      expect((await context.observe(spec)).members.map(({ phase }) => phase)).toEqual(['stopped', 'stopped'])
      const awake = { ...spec, generation: spec.generation + 2 }
      expect((await context.settle(awake)).at(-1)).toEqual({ outcome: 'done' })
      place.spec = awake
      expect((await whole(awake)).endpoint).toEqual(endpoint)
    })
  })

  describe('switchover', () => {
    it('gives the role to the member that was named, once, at the same address, and loses nothing', async ({ skip }) => {
      if (!(await context.engine.capabilities()).switchover)
        return skip('no switchover here')
      const { spec } = await two()
      const before = await whole(spec)
      const heir = before.members.find(({ role }) => role === 'replica')?.name ?? ''
      if (context.harness.connect) {
        const session = await context.login(spec)
        await session.query('create table kept as select 42 as answer')
        await session.close()
      }
      expect(await context.engine.planSwitchover(spec, heir)).toMatchObject({ interruption: 'restart', reasons: [expect.any(String)], refusals: [] })
      const order = { id: crypto.randomUUID(), to: heir }
      await switchedOver(spec, order)
      const after = await whole(spec)
      expect(primaryOf(after)).toBe(heir)
      expect(after.endpoint).toEqual(before.endpoint)
      expect(await context.engine.switchOver(spec, order)).toEqual({ outcome: 'done' })
      expect(primaryOf(await whole(spec))).toBe(heir)
      if (context.harness.connect) {
        const session = await context.login(spec)
        expect(await session.query('select answer from kept')).toEqual([{ answer: 42 }])
        await session.query('create table again (id int)')
        await session.close()
      }
      await switchedOver(spec, { id: crypto.randomUUID() })
      expect(primaryOf(await whole(spec))).toBe(primaryOf(before))
    })

    it('is refused where nobody could take over', async ({ skip }) => {
      if (!(await context.engine.capabilities()).switchover)
        return skip('no switchover here')
      const spec = await context.database()
      const refused = { refusals: [{ pointer: '/to', detail: expect.any(String) }] }
      expect(await context.engine.planSwitchover(spec)).toMatchObject(refused)
      expect(await context.engine.planSwitchover(spec, `${spec.name}-1`)).toMatchObject(refused)
      expect(await context.engine.planSwitchover(spec, 'somebody-else')).toMatchObject(refused)
      expect(await context.engine.switchOver(spec, { id: crypto.randomUUID() })).toMatchObject({ outcome: 'failed', reason: 'NoReplica' })
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready' })
    })
  })

  async function switchedOver(spec: DatabaseSpec, order: { id: string, to?: string }): Promise<void> {
    expect(await context.ended('the role is handed over', async () => await context.engine.switchOver(spec, order))).toEqual({ outcome: 'done' })
  }
}
