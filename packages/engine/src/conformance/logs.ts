import type { Context } from '../conformance.ts'
import type { LogRecord } from '../logs.ts'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../errors.ts'

export function logsSuite(context: Context): void {
  describe('logs', () => {
    const shared = context.shared(async () => ({ spec: await context.database() }))

    it('records are newest first and pages join without a gap or a repetition', async () => {
      const place = await shared()
      const spec = { ...place.spec, generation: place.spec.generation + 1, restartToken: 'for-more-log' }
      await context.settle(spec)
      place.spec = spec
      const whole = await context.until('something is in the log', async () => {
        const { records } = await context.engine.logs(spec, { limit: 1000 })
        return records.length >= 2
          ? records
          : undefined
      })
      expect(whole.map(({ at }) => at.getTime())).toEqual(whole.map(({ at }) => at.getTime()).sort((a, b) => b - a))
      const to = whole[0]?.at ?? new Date()
      const paged: LogRecord[] = []
      let cursor: string | undefined
      do {
        const page = await context.engine.logs(spec, {
          limit: 1,
          to,
          ...cursor === undefined
            ? {}
            : { cursor },
        })
        expect(page.records.length).toBeLessThanOrEqual(1)
        paged.push(...page.records)
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      expect(paged).toEqual(whole.filter(({ at }) => at <= to))
    })

    it('filters leave out what does not match', async () => {
      const { spec } = await shared()
      await context.until('the start is in the log', async () =>
        (await context.engine.logs(spec, { limit: 1000, contains: 'READY TO ACCEPT' })).records.length > 0)
      const { records } = await context.engine.logs(spec, { limit: 1000, contains: 'READY TO ACCEPT' })
      expect(records.every(({ message }) => message.includes('ready to accept'))).toBe(true)
      expect(records[0]).toMatchObject({
        severity: 'LOG',
        at: expect.any(Date),
        member: expect.any(String),
      })
      const [member] = (await context.observe(spec)).members
      expect((await context.engine.logs(spec, { limit: 1000, contains: 'READY TO ACCEPT', member: member?.name ?? '' })).records).toEqual(records)
      expect((await context.engine.logs(spec, { limit: 10, member: 'another-1' })).records).toEqual([])
      expect((await context.engine.logs(spec, { limit: 10, severity: 'PANIC' })).records).toEqual([])
      expect((await context.engine.logs(spec, {
        limit: 10,
        from: new Date(Date.now() + 60_000),
      })).records).toEqual([])
      expect((await context.engine.logs(spec, {
        limit: 10,
        to: new Date(0),
      })).records).toEqual([])
    })

    it('a cursor that is not ours is invalid', async () => {
      const { spec } = await shared()
      await expect(context.engine.logs(spec, { limit: 1, cursor: '../../etc/passwd' }))
        .rejects
        .toSatisfy(error => error instanceof EngineError && error.code === 'invalid')
    })

    it('no log carries a password, whatever was done with it', async ({ skip }) => {
      if (!context.harness.connect)
        return skip('no SQL here')
      const place = await shared()
      const { spec } = place
      const password = `secret-${crypto.randomUUID()}`
      await context.engine.ensureRole(spec, {
        name: 'clerk',
        password,
        access: 'none',
        connectionLimit: -1,
      })
      const rotated = { ...spec, generation: spec.generation + 1, owner: { ...spec.owner, password: `${password}-2` } }
      await context.settle(rotated)
      place.spec = rotated
      await expect(context.login(spec)).rejects.toThrow()
      const { records } = await context.engine.logs(spec, { limit: 1000 })
      expect(JSON.stringify(records)).not.toContain(password)
      expect(JSON.stringify(records)).not.toContain('SCRAM-SHA-256$')
    })

    it('a follower hears what is written from now on, until it stops', async ({ skip }) => {
      if (!context.harness.connect)
        return skip('no SQL here')
      const { spec } = await shared()
      const abort = new AbortController()
      const following = context.engine.followLogs(spec, { contains: 'heard', severity: 'ERROR' }, abort.signal)[Symbol.asyncIterator]()
      const first = following.next()
      const owner = await context.login(spec)
      const heard = await context.until('it is heard', async () => {
        await owner.query('do $$ begin raise warning \'heard but minor\'; raise exception \'heard and major\'; end $$').catch((error: unknown) => error)
        return await Promise.race([
          first,
          new Promise<undefined>(resolve => setTimeout(resolve, 50, undefined)),
        ])
      })
      expect(heard.value).toMatchObject({
        severity: 'ERROR',
        message: 'heard and major',
        user: spec.owner.user,
        database: spec.database,
        sqlState: 'P0001',
      })
      abort.abort()
      await owner.close()
      const rest: LogRecord[] = []
      for (let next = await following.next(); !next.done; next = await following.next())
        rest.push(next.value)
      expect(rest.every(({ message }) => message === 'heard and major')).toBe(true)
    })

    it('following ends when the database is deleted', async () => {
      const spec = await context.database()
      const following = context.engine.followLogs(spec, {}, new AbortController().signal)[Symbol.asyncIterator]()
      const ended = (async () => {
        for (let next = await following.next(); !next.done; next = await following.next());
        return true
      })()
      await context.ended('it is gone', async () => await context.engine.destroy(spec))
      expect(await ended).toBe(true)
    })
  })
}
