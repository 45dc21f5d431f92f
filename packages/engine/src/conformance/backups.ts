import type { RestoreTarget } from '../backups.ts'
import type { Context } from '../conformance.ts'
import type { Progress } from '../plan.ts'
import type { DatabaseSpec } from '../spec.ts'
import { beforeAll, describe, expect, it } from 'vitest'

export function backupsSuite(context: Context): void {
  describe('backups', () => {
    let isOffered = false
    beforeAll(async () => {
      isOffered = (await context.engine.capabilities()).backup
    })

    async function backedUp(change: Partial<DatabaseSpec> = {}): Promise<{ spec: DatabaseSpec, backup: string }> {
      const spec = await context.database(change)
      return { spec, backup: await take(spec) }
    }

    async function done(what: string, step: () => Promise<Progress>): Promise<void> {
      expect(await context.ended(what, step)).toEqual({ outcome: 'done' })
    }

    async function take(spec: DatabaseSpec): Promise<string> {
      const backup = crypto.randomUUID()
      await done('the backup is taken', async () => await context.engine.takeBackup(spec, backup))
      return backup
    }

    /** Undefined where there is no SQL. */
    async function writer(spec: DatabaseSpec) {
      return context.harness.connect ? await context.login(spec) : undefined
    }

    /** One with a backup, and one with two of them. */
    const once = context.shared(async () => await backedUp())
    const twice = context.shared(async () => {
      const { backup, spec } = await backedUp()
      return { spec, backup, second: await take(spec) }
    })

    const from = (spec: DatabaseSpec, target: RestoreTarget): DatabaseSpec => context.spec({ version: spec.version, from: { id: spec.id, target } })

    it('are there when they are taken, newest first, and taking one again is nothing', async ({ skip }) => {
      skip(!isOffered)
      const { backup, second, spec } = await twice()
      expect(await context.engine.takeBackup(spec, backup)).toEqual({ outcome: 'done' })
      const backups = await context.engine.backups(spec)
      expect(backups.map(({ id, method }) => [id, method])).toEqual([[second, 'archive'], [backup, 'archive']])
      for (const { dataBytes, finishedAt, serverVersion, startLsn, startedAt, stopLsn, storedBytes } of backups) {
        expect(finishedAt.getTime()).toBeGreaterThanOrEqual(startedAt.getTime())
        expect([startLsn, stopLsn].every(lsn => /^[0-9A-F]+\/[0-9A-F]+$/.test(lsn))).toBe(true)
        expect(serverVersion.startsWith(`${spec.version}.`)).toBe(true)
        expect(dataBytes).toBeGreaterThan(storedBytes ?? Number.NaN)
      }
      if (!(await context.engine.capabilities()).snapshot)
        await expect(context.engine.takeBackup(spec, crypto.randomUUID(), 'snapshot')).rejects.toMatchObject({ code: 'invalid', pointer: '/method' })
      const [window] = await context.engine.restoreWindow(spec)
      expect(window?.from.getTime()).toBeLessThanOrEqual(window?.to.getTime() ?? 0)
    })

    it('are proved by restoring them, once for each drill', async ({ skip }) => {
      skip(!(await context.engine.capabilities()).drill)
      const spec = await context.database()
      const known = (await context.engine.list()).map(({ ref }) => ref.id)
      const drilled = async (drill: string): Promise<void> => await done('the drill is over', async () => {
        const progress = await context.engine.drillBackup(spec, drill)
        // What it restores is no database.
        for (const { ref } of await context.engine.list())
          expect(known).toContain(ref.id)
        return progress
      })
      await expect(drilled(crypto.randomUUID())).rejects.toMatchObject({ code: 'invalid' })
      const backup = await take(spec)
      expect((await context.engine.backups(spec)).map(({ proof }) => proof)).toEqual([undefined])
      const drill = crypto.randomUUID()
      await drilled(drill)
      const [{ id, proof } = {}] = await context.engine.backups(spec)
      expect(id).toBe(backup)
      expect(proof).toMatchObject({ drill, isGood: true, message: '' })
      expect(proof?.recoveryTimeMs).toBeGreaterThan(0)
      expect(proof?.checks.every(({ isGood }) => isGood)).toBe(true)
      expect(await context.engine.drillBackup(spec, drill)).toEqual({ outcome: 'done' })
    })

    it('that are deleted are gone, those of others are not', async ({ skip }) => {
      skip(!isOffered)
      const [mine, other] = await Promise.all([backedUp(), once()])
      await context.engine.deleteBackup(mine.spec, other.backup)
      await context.engine.deleteBackup(mine.spec, mine.backup)
      expect(await context.engine.backups(mine.spec)).toEqual([])
      expect(await context.engine.restoreWindow(mine.spec)).toEqual([])
      expect((await context.engine.backups(other.spec)).map(({ id }) => id)).toEqual([other.backup])
    })

    it('a target that cannot be reached is refused by the plan, and nothing is made', async ({ skip }) => {
      skip(!isOffered)
      const { spec } = await once()
      const tomorrow = new Date(Date.now() + 86_400_000)
      const targets: RestoreTarget[] = [
        { kind: 'time', at: new Date(0) },
        { kind: 'time', at: tomorrow },
        { kind: 'lsn', lsn: 'FFFFFFFF/0' },
        { kind: 'lsn', lsn: '0/1' },
        { kind: 'backup', backup: crypto.randomUUID() },
        { kind: 'name', name: 'never-made' },
      ]
      for (const target of targets) {
        const { refusals, steps } = await context.engine.plan(from(spec, target))
        expect(refusals, target.kind).toMatchObject([{ pointer: '/from', detail: expect.stringMatching(/./) }])
        expect(steps).toEqual([])
      }
    })

    it('a branch begins as a running database is now, without a backup, and both go their own ways', async ({ skip }) => {
      const { branch } = await context.engine.capabilities()
      const spec = await context.database()
      const copy = from(spec, { kind: 'latest' })
      if (branch === 'none') {
        expect((await context.engine.plan(copy)).refusals).toMatchObject([{ pointer: '/from' }])
        skip()
      }
      const [source, target] = [await writer(spec), copy]
      await source?.query('create table shared (n int); insert into shared values (1)')
      expect((await context.settle(target)).at(-1)).toEqual({ outcome: 'done' })
      const branched = await writer(target)
      await source?.query('insert into shared values (2)')
      await branched?.query('insert into shared values (3)')
      expect(await source?.query('select n from shared order by n') ?? [{ n: 1 }, { n: 2 }]).toEqual([{ n: 1 }, { n: 2 }])
      expect(await branched?.query('select n from shared order by n') ?? [{ n: 1 }, { n: 3 }]).toEqual([{ n: 1 }, { n: 3 }])
      await Promise.all([source?.close(), branched?.close()])
    })

    it('a restore point is there under its name, once', async ({ skip }) => {
      skip(!isOffered)
      const { spec } = await once()
      const point = await context.engine.createRestorePoint(spec, 'before-it')
      expect(await context.engine.restorePoints(spec)).toEqual([point])
      await expect(context.engine.createRestorePoint(spec, 'before-it')).rejects.toMatchObject({ code: 'conflict' })
      expect((await context.engine.plan(from(spec, { kind: 'name', name: 'before-it' }))).refusals).toEqual([])
    })

    it('a database begins as another one was, and both go their own ways', async ({ skip }) => {
      skip(!isOffered)
      const { backup, spec } = await once()
      const copy = from(spec, { kind: 'backup', backup })
      expect((await context.engine.plan(copy)).steps.at(-1)).toBe('login')
      expect((await context.settle(copy)).at(-1)).toEqual({ outcome: 'done' })
      expect(await context.observe(copy)).toMatchObject({ phase: 'ready', generation: 1 })
      const [mine, other] = [(await context.observe(copy)).endpoint, (await context.observe(spec)).endpoint]
      expect([mine?.host, mine?.port]).not.toEqual([other?.host, other?.port])
      expect(await context.engine.backups(copy)).toEqual([])
      expect((await context.engine.plan(copy)).steps).toEqual([])
    })

    it('are kept when the database is destroyed, and can be restored', async ({ skip }) => {
      skip(!isOffered)
      const { spec, backup } = await backedUp()
      await done('it is destroyed', async () => await context.engine.destroy(spec))
      expect((await context.engine.backups(spec)).map(({ id }) => id)).toEqual([backup])
      const copy = from(spec, { kind: 'latest' })
      expect((await context.settle(copy)).at(-1)).toEqual({ outcome: 'done' })
      await expect(context.engine.destroyArchive(copy)).rejects.toMatchObject({ code: 'conflict' })
      await context.engine.destroyArchive(spec)
      expect(await context.engine.backups(spec)).toEqual([])
    })

    it('a database becomes what it was, at its address, and what it was last when that is undone', async ({ skip }) => {
      skip(!(await context.engine.capabilities()).restoreInPlace)
      const spec = await context.database()
      const client = await writer(spec)
      await client?.query('create table kept (n int); insert into kept values (1)')
      const backup = await take(spec)
      await client?.query('insert into kept values (2)')
      await client?.close()
      const { endpoint } = await context.observe(spec)
      const rows = async (): Promise<unknown> => {
        expect((await context.settle(spec)).at(-1)).toEqual({ outcome: 'done' })
        const session = await writer(spec)
        const found = await session?.query('select n from kept order by n')
        await session?.close()
        return found
      }
      const order = { id: crypto.randomUUID(), from: { id: spec.id, target: { kind: 'backup', backup } as const }, undoUntil: new Date(Date.now() + 60_000) }
      expect(await context.engine.planRestore(spec, order.from)).toMatchObject({ interruption: 'restart', refusals: [] })
      await done('it is restored', async () => await context.engine.restore(spec, order))
      expect(await rows() ?? [{ n: 1 }]).toEqual([{ n: 1 }])
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready', endpoint, undo: { id: order.id, until: order.undoUntil } })
      expect(await context.engine.restore(spec, order)).toEqual({ outcome: 'done' })
      await done('it is undone', async () => await context.engine.undoRestore(spec, order.id))
      expect(await rows() ?? [{ n: 1 }, { n: 2 }]).toEqual([{ n: 1 }, { n: 2 }])
      expect((await context.observe(spec)).undo).toBeUndefined()
    })

    it('a branch becomes what its parent is now, at its own address, and what it was last when that is undone', async ({ skip }) => {
      const { branch, restoreInPlace } = await context.engine.capabilities()
      skip(!restoreInPlace || branch === 'none')
      const { spec: parent } = await backedUp()
      const write = async (spec: DatabaseSpec, statements: string): Promise<unknown> => {
        const session = await writer(spec)
        const found = await session?.query(statements)
        await session?.close()
        return found
      }
      const rows = async (spec: DatabaseSpec): Promise<unknown> => await write(spec, 'select n from handed order by n')
      await write(parent, 'create table handed (n int); insert into handed values (1)')
      const spec = from(parent, { kind: 'latest' })
      expect((await context.settle(spec)).at(-1)).toEqual({ outcome: 'done' })
      await take(spec)
      await write(parent, 'insert into handed values (2)')
      await write(spec, 'insert into handed values (3)')
      const { endpoint } = await context.observe(spec)
      const order = { id: crypto.randomUUID(), from: { id: parent.id, target: { kind: 'latest' } as const }, undoUntil: new Date(Date.now() + 60_000) }
      expect(await context.engine.planRestore(spec, order.from)).toMatchObject({ interruption: 'restart', refusals: [] })
      await done('it is reset', async () => await context.engine.restore(spec, order))
      expect((await context.settle(spec)).at(-1)).toEqual({ outcome: 'done' })
      expect(await rows(spec) ?? [{ n: 1 }, { n: 2 }]).toEqual([{ n: 1 }, { n: 2 }])
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready', endpoint, undo: { id: order.id, until: order.undoUntil } })
      await done('it is undone', async () => await context.engine.undoRestore(spec, order.id))
      expect((await context.settle(spec)).at(-1)).toEqual({ outcome: 'done' })
      expect(await rows(spec) ?? [{ n: 1 }, { n: 3 }]).toEqual([{ n: 1 }, { n: 3 }])
      expect(await rows(parent) ?? [{ n: 1 }, { n: 2 }]).toEqual([{ n: 1 }, { n: 2 }])
    })

    it('no restore in place begins that cannot reach its target, and nothing is kept when that was given up', async ({ skip }) => {
      skip(!(await context.engine.capabilities()).restoreInPlace)
      const { spec, backup } = await backedUp()
      for (const target of [{ kind: 'time', at: new Date(0) }, { kind: 'lsn', lsn: '0/1' }, { kind: 'name', name: 'never-made' }] as const)
        expect((await context.engine.planRestore(spec, { id: spec.id, target })).refusals, target.kind).toMatchObject([{ pointer: '/from', detail: expect.stringMatching(/./) }])
      const id = crypto.randomUUID()
      await done('it is restored', async () => await context.engine.restore(spec, { id, from: { id: spec.id, target: { kind: 'backup', backup } }, undoUntil: new Date() }))
      await context.engine.endUndo(spec)
      expect((await context.observe(spec)).undo).toBeUndefined()
      expect(await context.engine.undoRestore(spec, id)).toEqual({ outcome: 'done' })
      expect((await context.settle(spec)).at(-1)).toEqual({ outcome: 'done' })
    })

    it('expire without taking from what is to be kept', async ({ skip }) => {
      skip(!isOffered)
      const { backup, second, spec } = await twice()
      await context.engine.expireBackups(spec, new Date(0))
      expect((await context.engine.backups(spec)).map(({ id }) => id)).toEqual([second, backup])
      await context.engine.expireBackups(spec, new Date(Date.now() + 86_400_000))
      expect((await context.engine.backups(spec)).map(({ id }) => id)).toEqual([second])
      expect((await context.settle(from(spec, { kind: 'backup', backup: second }))).at(-1)).toEqual({ outcome: 'done' })
    })
  })
}
