import type { Context } from '../conformance.ts'
import type { RoleSpec } from '../resources.ts'
import type { DatabaseSpec } from '../spec.ts'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../errors.ts'

/** Every string that a program could misread, as one name. */
const awkward = 'a "b" \'c\' \\ ; $$ -- %s {} ü'

export function accessSuite(context: Context): void {
  const role = (change: Partial<RoleSpec> = {}): RoleSpec => ({
    name: 'reader',
    password: `role-${crypto.randomUUID()}`,
    access: 'read-only',
    connectionLimit: -1,
    ...change,
  })

  const shared = context.shared(async () => ({ spec: await context.database() }))

  /** A database with its owner and its first logical database, whatever another test left in it. */
  async function bare(): Promise<DatabaseSpec> {
    const { spec } = await shared()
    for (const { name } of await context.engine.logicalDatabases(spec)) {
      if (name !== spec.database)
        await context.engine.dropLogicalDatabase(spec, name)
    }
    for (const { name } of await context.engine.roles(spec)) {
      if (name !== spec.owner.user)
        await context.engine.dropRole(spec, name)
    }
    return spec
  }

  function isError(code: string) {
    return (error: unknown): boolean => error instanceof EngineError && error.code === code
  }

  describe('users of a database', () => {
    it('a role is created, changed and dropped, each as often as one likes', async () => {
      const spec = await bare()
      await context.engine.ensureRole(spec, role({ connectionLimit: 3 }))
      await context.engine.ensureRole(spec, role({ connectionLimit: 3 }))
      expect(await context.engine.roles(spec)).toContainEqual({
        name: 'reader',
        connectionLimit: 3,
        sessions: 0,
        ownedDatabases: [],
      })
      await context.engine.ensureRole(spec, role({ connectionLimit: 5 }))
      expect(await context.engine.roles(spec)).toContainEqual(expect.objectContaining({ name: 'reader', connectionLimit: 5 }))
      await context.engine.dropRole(spec, 'reader')
      await context.engine.dropRole(spec, 'reader')
      expect((await context.engine.roles(spec)).map(({ name }) => name)).toEqual([spec.owner.user])
    })

    it('making and changing a role leaves no warning in the log that users read', async ({ skip }) => {
      skip(!context.harness.connect, 'no real SQL here')
      const spec = await bare()
      const owner = await context.login(spec)
      await owner.query('do $$ begin raise warning \'before the roles\'; end $$')
      for (const access of ['read-only', 'owner', 'none', 'read-write'] as const)
        await context.engine.ensureRole(spec, role({ access }))
      await owner.query('do $$ begin raise warning \'after the roles\'; end $$')
      await owner.close()
      const warnings = await context.until('what came after is in the log', async () => {
        const { records } = await context.engine.logs(spec, { limit: 1000 })
        const messages = records.filter(({ severity }) => severity === 'WARNING').map(({ message }) => message)
        return messages.includes('after the roles') ? messages : undefined
      })
      expect(warnings.slice(0, warnings.indexOf('before the roles') + 1)).toEqual(['after the roles', 'before the roles'])
    })

    it('reserved names, empty ones and ones that are too long are invalid', async () => {
      const spec = await bare()
      for (const name of [
        'postgres',
        'pg_monitor',
        'howdah_admin',
        '',
        'x'.repeat(64),
        'ü'.repeat(32),
        'a\0b',
        'line\nbreak',
      ])
        await expect(context.engine.ensureRole(spec, role({ name })), JSON.stringify(name)).rejects.toSatisfy(isError('invalid'))
    })

    it('the owner is neither made nor dropped as a user', async () => {
      const spec = await bare()
      await expect(context.engine.ensureRole(spec, role({ name: spec.owner.user }))).rejects.toSatisfy(isError('conflict'))
      await expect(context.engine.dropRole(spec, spec.owner.user)).rejects.toSatisfy(isError('conflict'))
    })

    it('names and passwords with metacharacters of every language work as they are', async ({ skip }) => {
      const spec = await bare()
      const user = role({ name: awkward, password: awkward, access: 'owner' })
      await context.engine.ensureRole(spec, user)
      await context.engine.ensureLogicalDatabase(spec, { name: awkward, owner: awkward })
      expect((await context.engine.roles(spec)).map(({ name }) => name)).toContain(awkward)
      expect((await context.engine.logicalDatabases(spec)).map(({ name }) => name)).toContain(awkward)
      if (context.harness.connect) {
        const session = await context.login(spec, { user: awkward, password: awkward, database: awkward })
        await session.close()
      }
      await context.engine.dropLogicalDatabase(spec, awkward)
      await context.engine.dropRole(spec, awkward)
      expect((await context.engine.roles(spec)).map(({ name }) => name)).not.toContain(awkward)
      if (!context.harness.connect)
        return skip('no SQL here')
    })

    it('a role without a new password keeps the one it has', async ({ skip }) => {
      if (!context.harness.connect)
        return skip('no SQL here')
      const spec = await bare()
      const first = role()
      await context.engine.ensureRole(spec, first)
      await context.engine.ensureRole(spec, { name: first.name, access: 'read-write', connectionLimit: 1 })
      await (await context.login(spec, { user: first.name, password: first.password ?? '' })).close()
    })

    it('each access level gives what it says, for what is there and for what comes later', async ({ skip }) => {
      if (!context.harness.connect)
        return skip('no SQL here')
      const spec = await bare()
      const owner = await context.login(spec)
      await owner.query('create schema sales; create table sales.before (n int); insert into sales.before values (1)')
      const roles = ([
        'owner',
        'read-write',
        'read-only',
        'none',
      ] as const).map(access => role({ name: `u_${access.replace('-', '_')}`, access }))
      for (const user of roles)
        await context.engine.ensureRole(spec, user)
      await owner.query('create table sales.after (n int); create schema later; create table later.t (id serial, n int)')

      const tries = async (user: RoleSpec, sql: string): Promise<boolean> => {
        const session = await context.login(spec, { user: user.name, password: user.password ?? '' })
        try {
          await session.query(sql)
          return true
        }
        catch (error) {
          expect(error).toMatchObject({ code: '42501' })
          return false
        }
        finally {
          await session.close()
        }
      }
      const seen = await Promise.all(roles.map(async user => ({
        access: user.access,
        reads: await tries(user, 'select * from sales.before, sales.after, later.t'),
        writes: await tries(user, 'insert into sales.before values (2); insert into sales.after values (2); insert into later.t (n) values (1)'),
        creates: await tries(user, `create table sales.by_${user.name} (n int)`),
      })))
      expect(seen).toEqual([
        {
          access: 'owner',
          reads: true,
          writes: true,
          creates: true,
        },
        {
          access: 'read-write',
          reads: true,
          writes: true,
          creates: false,
        },
        {
          access: 'read-only',
          reads: true,
          writes: false,
          creates: false,
        },
        {
          access: 'none',
          reads: false,
          writes: false,
          creates: false,
        },
      ])
      await owner.close()
    })

    it('access can be taken back', async ({ skip }) => {
      if (!context.harness.connect)
        return skip('no SQL here')
      const spec = await bare()
      const owner = await context.login(spec)
      await owner.query('create table t (n int)')
      const user = role({ access: 'owner' })
      await context.engine.ensureRole(spec, user)
      await context.engine.ensureRole(spec, { ...user, access: 'none' })
      const session = await context.login(spec, { user: user.name, password: user.password ?? '' })
      await expect(session.query('select * from t')).rejects.toMatchObject({ code: '42501' })
      await session.close()
      await owner.close()
    })

    it('a dropped role loses its sessions, and what it owned goes to the owner', async ({ skip }) => {
      const spec = await bare()
      const user = role({ name: 'leaver', access: 'none' })
      await context.engine.ensureRole(spec, user)
      await context.engine.ensureLogicalDatabase(spec, { name: 'theirs', owner: 'leaver' })
      expect(await context.engine.roles(spec)).toContainEqual(expect.objectContaining({
        name: 'leaver',
        ownedDatabases: ['theirs'],
      }))
      if (!context.harness.connect) {
        await context.engine.dropRole(spec, 'leaver')
        expect(await context.engine.logicalDatabases(spec)).toContainEqual(expect.objectContaining({ name: 'theirs', owner: spec.owner.user }))
        return skip('no SQL here')
      }
      const session = await context.login(spec, { user: user.name, password: user.password ?? '', database: 'theirs' })
      await session.query('create table t as select 1 as n')
      await context.engine.dropRole(spec, 'leaver')
      await expect(session.query('select 1')).rejects.toThrow()
      await session.close()
      expect(await context.engine.logicalDatabases(spec)).toContainEqual(expect.objectContaining({ name: 'theirs', owner: spec.owner.user }))
      const owner = await context.login(spec, { database: 'theirs' })
      expect(await owner.query('select n from t')).toEqual([
        { n: 1 },
      ])
      await owner.query('drop table t')
      await owner.close()
      await expect(context.login(spec, { user: user.name, password: user.password ?? '' })).rejects.toThrow()
    })
  })

  describe('logical databases', () => {
    it('one is created, given to another owner and dropped, each as often as one likes', async () => {
      const spec = await bare()
      await context.engine.ensureRole(spec, role({ name: 'clerk', access: 'none' }))
      await context.engine.ensureLogicalDatabase(spec, { name: 'books', owner: spec.owner.user })
      await context.engine.ensureLogicalDatabase(spec, { name: 'books', owner: spec.owner.user })
      expect(await context.engine.logicalDatabases(spec)).toContainEqual({
        name: 'books',
        owner: spec.owner.user,
        sizeBytes: expect.any(Number),
        sessions: 0,
      })
      await context.engine.ensureLogicalDatabase(spec, { name: 'books', owner: 'clerk' })
      expect(await context.engine.logicalDatabases(spec)).toContainEqual(expect.objectContaining({ name: 'books', owner: 'clerk' }))
      await context.engine.dropLogicalDatabase(spec, 'books')
      await context.engine.dropLogicalDatabase(spec, 'books')
      expect((await context.engine.logicalDatabases(spec)).map(({ name }) => name)).toEqual([spec.database])
    })

    it('dropping one ends its sessions', async ({ skip }) => {
      if (!context.harness.connect)
        return skip('no SQL here')
      const spec = await bare()
      await context.engine.ensureLogicalDatabase(spec, { name: 'books', owner: spec.owner.user })
      const session = await context.login(spec, { database: 'books' })
      await context.engine.dropLogicalDatabase(spec, 'books')
      await expect(session.query('select 1')).rejects.toThrow()
      await session.close()
    })

    it('readers of the database read it too', async ({ skip }) => {
      if (!context.harness.connect)
        return skip('no SQL here')
      const spec = await bare()
      const reader = role()
      await context.engine.ensureRole(spec, reader)
      await context.engine.ensureLogicalDatabase(spec, { name: 'books', owner: spec.owner.user })
      const owner = await context.login(spec, { database: 'books' })
      await owner.query('create table t as select 7 as n')
      await owner.close()
      const session = await context.login(spec, { user: reader.name, password: reader.password ?? '', database: 'books' })
      expect(await session.query('select n from t')).toEqual([
        { n: 7 },
      ])
      await session.close()
    })

    it('the first one stays, reserved names are invalid, and an unknown owner is not found', async () => {
      const spec = await bare()
      await expect(context.engine.dropLogicalDatabase(spec, spec.database)).rejects.toSatisfy(isError('conflict'))
      for (const name of [
        'postgres',
        'template0',
        'template1',
        'howdah_x',
        '',
      ])
        await expect(context.engine.ensureLogicalDatabase(spec, { name, owner: spec.owner.user }), name).rejects.toSatisfy(isError('invalid'))
      await expect(context.engine.dropLogicalDatabase(spec, 'postgres')).rejects.toSatisfy(isError('invalid'))
      await expect(context.engine.ensureLogicalDatabase(spec, { name: 'x', owner: 'nobody' })).rejects.toSatisfy(isError('not-found'))
    })
  })
}
