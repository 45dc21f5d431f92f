import type { DatabaseSpec, Progress } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testEngine } from '../testing/local-engine.ts'
import { whole } from '../testing/replicated.ts'

let test: TestEngine
beforeAll(async () => {
  test = await testEngine()
}, 120_000)
afterAll(async () => await test.remove(), 60_000)

async function over(step: () => Promise<Progress>): Promise<Progress> {
  return await until(async () => {
    const progress = await step()
    return progress.outcome === 'done' || progress.outcome === 'failed' ? progress : undefined
  }, { deadlineMs: 120_000, what: 'it is over' })
}

const orderFor = (version: number) => ({ id: randomUUID(), version, undoUntil: new Date(Date.now() + 3_600_000) })

async function upgrade(spec: DatabaseSpec, version: number): Promise<{ id: string, spec: DatabaseSpec }> {
  const order = orderFor(version)
  expect(await over(async () => await test.engine.upgrade(spec, order))).toEqual({ outcome: 'done' })
  const upgraded = { ...spec, version }
  expect(await test.settle(upgraded)).toEqual({ outcome: 'done' })
  return { id: order.id, spec: upgraded }
}

async function query<Row extends object>(spec: DatabaseSpec, text: string, change?: Parameters<TestEngine['connect']>[1]): Promise<Row[]> {
  const client = await test.connect(spec, change)
  try {
    return (await client.query<Row>(text)).rows
  }
  finally {
    await client.end()
  }
}

/** Something of everything that can be in a database. */
const everything = `
  create schema "Other Schema";
  create type mood as enum ('sad', 'happy');
  create domain positive as int check (value > 0);
  create function double(int) returns int immutable language sql as $$ select $1 * 2 $$;
  create table parent (id bigint generated always as identity primary key, "Quoted Name" text not null, m mood default 'sad', p positive,
    twice int generated always as (public.double(p)) stored, created timestamptz default now(), price numeric(12, 3), f8 float8, span interval, bits bytea, doc jsonb, tags text[]);
  create table "Other Schema".child (id serial primary key, parent bigint references parent on delete cascade, unique (parent, id));
  create table parts (k int, v text) partition by range (k);
  create table parts_low partition of parts for values from (0) to (100);
  create table parts_high partition of parts for values from (100) to (200);
  create index on parts (v);
  create index upper_idx on parent (upper("Quoted Name"));
  create view glance as select id, "Quoted Name" as q from parent;
  create materialized view sums as select count(*) as n from parent;
  create sequence counter start 5 increment 5;
  create function touch() returns trigger language plpgsql as $$ begin new.created := now(); return new; end $$;
  create trigger touches before update on parent for each row execute function touch();
  alter table parent enable row level security;
  create policy everybody on parent using (true);
  comment on table parent is 'with a comment; and a semicolon';
  insert into parent ("Quoted Name", m, p, price, f8, span, bits, doc, tags)
    select 'row ' || n || E' \\t\\\\ ''é', 'happy', n, n / 7.0, n / 3.0, n * interval '-1 month 2 days 3.5 seconds', decode(md5(n::text), 'hex'), jsonb_build_object('n', n), array['a', null, n::text] from generate_series(1, 500) n;
  insert into "Other Schema".child (parent) select id from parent;
  insert into parts select n, 'v' || n from generate_series(0, 199) n;
  refresh materialized view sums;
  select nextval('counter'), nextval('counter');
  select lo_from_bytea(4711, decode(repeat('ab', 3000000), 'hex'));
  grant select on parent to app;
  alter role current_user in database app set work_mem to '5MB';
`

const digest = `select md5(string_agg(t::text, '|' order by id)) as digest from parent t`

it.each([[14, 15], [14, 18], [15, 16], [16, 17], [17, 18]])('a database of PostgreSQL %i becomes one of %i with all that is in it, at its address and with its passwords, and goes back when that is undone', async (version, next) => {
  const spec = await test.database({ version, extensions: ['pgcrypto', 'hstore'], parameters: { work_mem: '6MB' } })
  await test.engine.ensureRole(spec, { name: 'reporter', password: 'the password of reporter', access: 'read-only', connectionLimit: 7 })
  await test.engine.ensureLogicalDatabase(spec, { name: 'second', owner: 'reporter' })
  await query(spec, everything)
  await query(spec, 'create table here (n int); insert into here values (1)', { database: 'second', user: 'reporter', password: 'the password of reporter' })
  const [before] = await query<{ digest: string }>(spec, digest)
  const { endpoint } = await test.observe(spec)
  expect(await test.engine.planUpgrade({ ...spec, version: next })).toMatchObject({ interruption: 'restart', refusals: [] })

  const { id, spec: upgraded } = await upgrade(spec, next)
  expect(await test.observe(spec)).toMatchObject({ endpoint, phase: 'ready', serverVersion: expect.stringMatching(new RegExp(`^${next}\\.`)), undo: { id, version } })
  expect(await query(upgraded, digest)).toEqual([before])
  expect(await query(upgraded, `select (select count(*)::int from "Other Schema".child) as children, (select count(*)::int from parts_high) as high, (select n::int from sums) as sums, nextval('counter')::int as next,
    md5(lo_get(4711)) = md5(decode(repeat('ab', 3000000), 'hex')) as lo, obj_description('parent'::regclass) as comment, current_setting('work_mem') as memory, (select relrowsecurity from pg_class where oid = 'parent'::regclass) as rls`)).toEqual([
    { children: 500, high: 100, sums: 500, next: 15, lo: true, comment: 'with a comment; and a semicolon', memory: '5MB', rls: true },
  ])
  expect(await query(upgraded, 'insert into parent ("Quoted Name", p) values (\'new\', 4) returning id::int, twice')).toEqual([{ id: 501, twice: 8 }])
  expect(await query(upgraded, 'select extname from pg_extension where extname <> \'plpgsql\' order by 1')).toEqual([{ extname: 'hstore' }, { extname: 'pgcrypto' }])
  const reporter = { user: 'reporter', password: 'the password of reporter' }
  expect(await query(upgraded, 'select count(*)::int from parts', reporter)).toEqual([{ count: 200 }])
  await expect(query(upgraded, 'delete from parts', reporter)).rejects.toThrow(/permission denied/)
  expect(await query(upgraded, 'select * from here', { ...reporter, database: 'second' })).toEqual([{ n: 1 }])
  expect((await test.engine.roles(spec)).find(({ name }) => name === 'reporter')).toMatchObject({ connectionLimit: 7, ownedDatabases: ['second'] })
  expect((await test.engine.planUpgrade({ ...upgraded, version })).refusals).toMatchObject([{ pointer: '/version', detail: expect.stringContaining('none goes back') }])

  expect(await over(async () => await test.engine.undoRestore(spec, id))).toEqual({ outcome: 'done' })
  expect(await test.settle(spec)).toEqual({ outcome: 'done' })
  expect(await query(spec, digest)).toEqual([before])
  expect(await test.observe(spec)).toMatchObject({ endpoint, phase: 'ready', serverVersion: expect.stringMatching(new RegExp(`^${version}\\.`)) })
}, 240_000)

async function backUp(spec: DatabaseSpec): Promise<string> {
  const id = randomUUID()
  expect(await over(async () => await test.engine.takeBackup(spec, id))).toEqual({ outcome: 'done' })
  return id
}

it('what was backed up before an upgrade stays restorable with the version of then, and what comes after begins anew', async () => {
  const spec = await test.database({ version: 15 })
  await query(spec, 'create table ledger (n int); insert into ledger values (1)')
  const backup = await backUp(spec)
  await query(spec, 'insert into ledger values (2)')
  const point = await test.engine.createRestorePoint(spec, 'before-it')
  const { spec: upgraded } = await upgrade(spec, 18)
  await query(upgraded, 'insert into ledger values (3)')

  const from = (version: number, target: NonNullable<DatabaseSpec['from']>['target']): DatabaseSpec => test.spec({ version, from: { id: spec.id, target } })
  expect((await test.engine.plan(from(18, { kind: 'name', name: point.name }))).refusals).toMatchObject([{ pointer: '/version', detail: expect.stringContaining('PostgreSQL 15 then') }])
  expect((await test.engine.planRestore(upgraded, { id: spec.id, target: { kind: 'backup', backup } })).refusals).toMatchObject([{ detail: expect.stringContaining('new database of version 15') }])
  const old = from(15, { kind: 'name', name: point.name })
  expect(await test.settle(old)).toEqual({ outcome: 'done' })
  expect(await query(old, 'select n from ledger order by n')).toEqual([{ n: 1 }, { n: 2 }])

  const second = await backUp(upgraded)
  await query(upgraded, 'insert into ledger values (4)')
  const later = await test.engine.createRestorePoint(upgraded, 'after-it')
  const young = from(18, { kind: 'name', name: later.name })
  expect(await test.settle(young)).toEqual({ outcome: 'done' })
  expect(await query(young, 'select n from ledger order by n')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }])
  expect((await test.engine.backups(upgraded)).map(({ id }) => id)).toEqual([second, backup])
  const order = { id: randomUUID(), from: { id: spec.id, target: { kind: 'backup', backup: second } as const }, undoUntil: new Date(Date.now() + 3_600_000) }
  expect(await over(async () => await test.engine.restore(upgraded, order))).toEqual({ outcome: 'done' })
  expect(await test.settle(upgraded)).toEqual({ outcome: 'done' })
  expect(await query(upgraded, 'select n from ledger order by n')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
}, 240_000)

it('a rehearsal reports what an upgrade takes, and the database serves on and stays what it is', async () => {
  const spec = await test.database({ version: 16, extensions: ['hstore'] })
  await query(spec, 'create table ledger (n int); insert into ledger select generate_series(1, 1000)')
  expect(await test.engine.upgradeReport(spec)).toBeUndefined()
  const { id } = orderFor(18)
  expect(await over(async () => {
    const progress = await test.engine.rehearseUpgrade(spec, { id, version: 18 })
    await query(spec, 'insert into ledger values (0)')
    return progress
  })).toEqual({ outcome: 'done' })
  expect(await test.engine.rehearseUpgrade(spec, { id, version: 18 })).toEqual({ outcome: 'done' })
  const report = await test.engine.upgradeReport(spec)
  expect(report).toMatchObject({ id, from: expect.stringMatching(/^16\./), to: expect.stringMatching(/^18\./), isGood: true, message: '', databases: 1, tables: 1, extensions: [{ name: 'hstore' }], checks: [{ name: 'schema', isGood: true }, { name: 'rows', isGood: true }, { name: 'objects' }, { name: 'start' }] })
  expect(report?.interruptionMs).toBeGreaterThan(0)
  expect(report?.rows).toBeGreaterThanOrEqual(1000)
  expect(report?.planner.map(({ name }) => name)).toContain('enable_distinct_reordering')
  expect(await test.observe(spec)).toMatchObject({ phase: 'ready', undo: undefined, serverVersion: expect.stringMatching(/^16\./) })
}, 120_000)

it('what the new version does not take is told by the rehearsal with its name, and an upgrade leaves the database as it was', async () => {
  const spec = await test.database({ version: 14 })
  // A function that needs a search path is none that a check can rely on when rows are brought over.
  await query(spec, `create table limits (most int); insert into limits values (100);
    create function within(n int) returns boolean language sql as $$ select n <= (select most from limits) $$;
    create table measured (n int constraint small check (within(n))); insert into measured values (1)`)
  const order = orderFor(18)
  expect(await over(async () => await test.engine.rehearseUpgrade(spec, order))).toMatchObject({ outcome: 'failed', reason: 'UpgradeImpossible', message: expect.stringContaining('"public"."measured"') })
  expect(await test.engine.upgradeReport(spec)).toMatchObject({ isGood: false, interruptionMs: null })
  expect(await over(async () => await test.engine.upgrade(spec, order))).toMatchObject({ outcome: 'failed', reason: 'RowsRefused' })
  await test.becomes(spec, 'ready')
  expect(await query(spec, 'insert into measured values (2) returning n')).toEqual([{ n: 2 }])
  expect(await test.observe(spec)).toMatchObject({ serverVersion: expect.stringMatching(/^14\./), undo: undefined })
  await query(spec, 'alter function within(int) set search_path = public')
  await upgrade(spec, 18)
}, 120_000)

it('parameters and extensions that the new version does not know are refused before anything is touched', async () => {
  const spec = await test.database({ version: 16, parameters: { old_snapshot_threshold: '1h' } })
  expect((await test.engine.planUpgrade({ ...spec, version: 18 })).refusals).toMatchObject([{ pointer: '/parameters/old_snapshot_threshold' }])
  expect((await test.engine.planUpgrade({ ...spec, version: 19, parameters: {} })).refusals).toMatchObject([{ pointer: '/version' }])
  expect((await test.engine.planUpgrade(spec)).refusals).toMatchObject([{ pointer: '/version', detail: expect.stringContaining('the newest of its major version here') }])
})

it('nothing that a user has laid in a schema runs as superuser while it is brought over', async () => {
  const spec = await test.database({ version: 15 })
  await query(spec, `create table seen (who text, super boolean);
    create function spy(n int) returns boolean language plpgsql security invoker set search_path = public as $$ begin
      begin set role none; reset session authorization; exception when others then null; end;
      if n < 0 or (select rolsuper from pg_catalog.pg_roles where rolname = session_user) then raise exception 'the spy is superuser'; end if;
      return true; end $$;
    create domain spied as int check (public.spy(value));
    create table trap (n int check (public.spy(n)), d spied, g boolean generated always as (n > 0) stored);
    create table ranges (k spied) partition by range (k); create table ranges_1 partition of ranges for values from (1) to (10);
    create function shout(n int) returns int language plpgsql immutable set search_path = public as $$ begin perform spy(n); return n; end $$;
    create index on trap (shout(n)); create materialized view watched as select shout(n) from trap;
    insert into trap values (1, 1); insert into ranges values (2)`)
  await upgrade(spec, 18)
  await expect(query(spec, 'insert into trap values (-1, 1)')).rejects.toThrow(/the spy is superuser/)
  expect(await query(spec, 'select rolname from pg_roles where rolname = \'howdah_upgrade\'')).toEqual([])
}, 120_000)

it('a database with replicas is upgraded as a whole, and waits for a replica again afterwards', async () => {
  const spec = await test.database({ version: 17, instances: 2, durability: 'sync' })
  await query(spec, 'create table ledger (n int); insert into ledger values (1)')
  const { endpoint } = await whole(test, spec)
  const { id, spec: upgraded } = await upgrade(spec, 18)
  expect((await whole(test, upgraded)).endpoint).toEqual(endpoint)
  await query(upgraded, 'insert into ledger values (2)')
  expect(await query(upgraded, 'select sync_state from pg_stat_replication')).toHaveLength(1)
  expect(await over(async () => await test.engine.undoRestore(spec, id))).toEqual({ outcome: 'done' })
  expect(await test.settle(spec)).toEqual({ outcome: 'done' })
  await whole(test, spec)
  expect(await query(spec, 'select n from ledger')).toEqual([{ n: 1 }])
}, 180_000)
