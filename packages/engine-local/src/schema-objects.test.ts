import type { SchemaObject } from '@howdah/engine'
import type { TestEngine } from './testing/local-engine.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testEngine } from './testing/local-engine.ts'

describe.each([18, 14])('the schema of a database (PostgreSQL %i)', (version) => {
  let test: TestEngine
  beforeAll(async () => {
    test = await testEngine()
  })
  afterAll(async () => await test.remove())

  const named = (objects: readonly SchemaObject[]): string[] => objects.map(({ kind, name, schema }) => [kind, schema, name].filter(Boolean).join(' '))

  it('is told object by object, without PostgreSQL\'s own and without what belongs to an extension', async () => {
    const spec = await test.database({ version, extensions: ['cube'] })
    const client = await test.connect(spec)
    await client.query(`
      create schema app;
      create type app.mood as enum ('good', 'bad');
      create domain app.positive as int not null check (value > 0);
      create table app.people (id int generated always as identity primary key, name text not null default 'nobody', mood app.mood, age app.positive);
      create index people_name on app.people (name);
      create table app.events (at timestamptz not null, person int references app.people) partition by range (at);
      create view app.names as select name from app.people;
      create materialized view app.counted as select count(*) from app.people;
      create sequence app.numbers start 5 increment 2;
      create function app.twice(n int) returns int language sql as 'select n * 2';
      create procedure app.tidy() language sql as 'delete from app.people';
      create function app.touch() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger touched before update on app.people for each row execute function app.touch();
      alter table app.people enable row level security;
      create policy own on app.people for select using (name = current_user)`)
    const objects = await test.engine.schemaObjects(spec, spec.database)
    expect(named(objects)).toEqual([
      'constraint app events_person_fkey on events',
      'constraint app people_pkey on people',
      'domain app positive',
      'extension cube',
      'function app touch()',
      'function app twice(n integer)',
      'index app people_name',
      'materialized view app counted',
      'policy app own on people',
      'procedure app tidy()',
      'schema app app',
      'schema public public',
      'sequence app numbers',
      'table app events',
      'table app people',
      'trigger app touched on people',
      'type app mood',
      'view app names',
    ])
    expect(objects.find(({ kind, name }) => kind === 'table' && name === 'people')?.definition).toBe('id integer not null generated always as identity\nname text not null default \'nobody\'::text\nmood app.mood\nage app.positive')
    expect(objects.find(({ name }) => name === 'events')?.definition).toContain('partition by RANGE (at)')

    // The same text for what is the same, whatever the search path of the database is.
    await client.query(`alter database "${spec.database}" set search_path = app, public`)
    expect(await test.engine.schemaObjects(spec, spec.database)).toEqual(objects)
    await client.query('alter table app.people add column email text')
    expect((await test.engine.schemaObjects(spec, spec.database)).find(({ kind, name }) => kind === 'table' && name === 'people')?.definition).toContain('email text')
    await client.end()
    await expect(test.engine.schemaObjects(spec, 'missing')).rejects.toMatchObject({ code: 'not-found' })
    await expect(test.engine.schemaObjects(spec, 'postgres')).rejects.toMatchObject({ code: 'not-found' })
  })
})
