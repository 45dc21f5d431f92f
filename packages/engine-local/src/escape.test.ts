import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from './testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { placeOf } from '@howdah/testkit'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databasePaths } from './paths.ts'
import { openPrivatePostgres } from './private-postgres.ts'
import { findPostmaster } from './process.ts'
import { testEngine } from './testing/local-engine.ts'

/** The owner of a database, with every extension of the catalogue on, tries to get out of it. */
describe.each([18, 14])('no way out of a database (PostgreSQL %i)', (version) => {
  let test: TestEngine
  let spec: DatabaseSpec
  let neighbour: DatabaseSpec
  let owner: Client
  let store: Awaited<ReturnType<typeof openPrivatePostgres>>

  beforeAll(async () => {
    test = await testEngine()
    store = await openPrivatePostgres({ dataDir: test.dataDir })
    neighbour = await test.database({ version })
    spec = await test.database({ version })
    // With it there is a template of logical databases.
    await test.engine.ensureLogicalDatabase(spec, { name: 'second', owner: spec.owner.user })
    const extensions = (await test.engine.extensions(spec)).map(({ name }) => name).filter(name => name !== 'plpgsql')
    const all = { ...spec, generation: 2, extensions }
    expect(await test.settle(all)).toEqual({ outcome: 'done' })
    spec = all
    owner = await test.connect(spec)
  }, 120_000)

  afterAll(async () => {
    await owner.end()
    await store.close()
    await test.remove()
  }, 60_000)

  /** Every attack is one statement that must fail, with the reason that is meant. */
  async function refused(sql: string, reason: RegExp): Promise<void> {
    await expect(owner.query(sql), sql).rejects.toThrow(reason)
  }

  const denied = /permission denied|must be (?:superuser|owner|a superuser|a member|able)|only (?:superuser|roles)|must have|not available|not allowed|requires? superuser|cannot be changed|not permitted|does not exist|could not access|No such file/i

  it('has every extension that is on offer, and none that is dangerous', async () => {
    const { rows } = await owner.query<{ extname: string }>('select extname from pg_extension')
    expect(rows.map(({ extname }) => extname).sort()).toEqual([...spec.extensions, 'plpgsql'].sort())
    for (const name of ['plpython3u', 'plperlu', 'plperl', 'pltclu', 'pltcl', 'file_fdw', 'adminpack', 'pg_surgery', 'pageinspect', 'pg_walinspect', 'pg_logicalinspect', 'xml2'])
      expect(spec.extensions).not.toContain(name)
  })

  it('becomes no superuser and gets no role of ours', async () => {
    await refused('alter role current_user superuser', denied)
    await refused('alter role app createrole createdb replication bypassrls', denied)
    await refused('create role intruder superuser login', denied)
    await refused('create role intruder', denied)
    for (const role of ['howdah_admin', 'howdah_monitor', 'pg_monitor', 'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files', 'pg_read_all_data', 'pg_signal_backend']) {
      await refused(`set role ${role}`, denied)
      await refused(`grant ${role} to app`, denied)
      await refused(`set session authorization ${role}`, denied)
    }
    await refused('alter role howdah_admin password \'x\'', denied)
    await refused('alter role howdah_monitor set search_path = public', denied)
    await refused('update pg_authid set rolsuper = true', denied)
    await refused('select rolpassword from pg_authid', denied)
    await refused('select passwd from pg_shadow', denied)
    await refused('alter function pg_catalog.now() owner to app', denied)
    await refused('create function pg_catalog.version() returns text language sql as $$ select \'x\' $$', denied)
  })

  it('reads and writes no file of the server', async () => {
    await refused('copy (select 1) to \'/tmp/howdah-escape\'', denied)
    await refused('create temp table t (line text); copy t from \'/etc/passwd\'', denied)
    await refused('select pg_read_file(\'/etc/passwd\')', denied)
    await refused('select pg_read_file(\'postgresql.auto.conf\')', denied)
    await refused('select pg_read_binary_file(\'global/pg_control\')', denied)
    await refused('select pg_ls_dir(\'.\')', denied)
    await refused('select pg_ls_logdir()', denied)
    await refused('select pg_stat_file(\'/etc/passwd\')', denied)
    await refused('select lo_import(\'/etc/passwd\')', denied)
    await refused('select lo_export(lo_create(0), \'/tmp/howdah-escape\')', denied)
    await refused('create extension file_fdw', denied)
    await refused('create extension adminpack', denied)
    await refused('select pg_file_write(\'x\', \'y\', false)', denied)
    await refused('create tablespace t location \'/tmp\'', denied)
    await refused('select * from pg_hba_file_rules', denied)
    await refused('select * from pg_file_settings', denied)
    await refused('show data_directory', denied)
    await refused('show hba_file', denied)
  })

  it('runs no program', async () => {
    await refused('copy (select 1) to program \'id\'', denied)
    await refused('create temp table p (line text); copy p from program \'id\'', denied)
    await refused('alter system set archive_command = \'id\'', denied)
    await refused('set archive_command = \'id\'', denied)
    await refused('set ssl_passphrase_command = \'id\'', denied)
  })

  it('loads no library', async () => {
    await refused('load \'/tmp/evil.so\'', denied)
    await refused('load \'file_fdw\'', denied)
    await refused('create function evil() returns int language c as \'/tmp/evil.so\'', denied)
    await refused('create function evil(text) returns int language internal as \'pg_read_file\'', denied)
    await refused('set dynamic_library_path = \'/tmp\'', denied)
    await refused('alter database app set session_preload_libraries = \'/tmp/evil.so\'', denied)
    await refused('alter role app set session_preload_libraries = \'/tmp/evil.so\'', denied)
    await refused('set session_preload_libraries = \'/tmp/evil.so\'', denied)
  })

  it('uses no untrusted language', async () => {
    for (const language of ['plpython3u', 'plperlu', 'pltclu', 'plperl', 'pltcl', 'plpython2u']) {
      await refused(`create extension ${language}`, denied)
      await refused(`create function f() returns int language ${language} as 'x'`, denied)
    }
    await refused('create language evil handler plpgsql_call_handler', denied)
  })

  it('changes nothing that a later start or a session of ours reads', async () => {
    await refused('alter system set work_mem = \'1GB\'', denied)
    await refused('alter database postgres set search_path = public', denied)
    await refused('alter database template1 set search_path = public', denied)
    await refused('create event trigger trap on ddl_command_end execute function now()', denied)
    await refused('set session_replication_role = replica', denied)
    await refused('select pg_reload_conf()', denied)
    await refused('select pg_rotate_logfile()', denied)
    await refused('set log_statement = \'none\'', denied)
    await refused('alter database app set log_statement = \'none\'', denied)
    await refused('select pg_switch_wal()', denied)
    await refused('select pg_create_physical_replication_slot(\'s\')', denied)
    await refused('create subscription s connection \'host=localhost\' publication p', denied)
  })

  it('does not get into the maintenance databases or log in as one of ours', async () => {
    for (const database of ['postgres', 'template1'])
      await expect(test.connect(spec, { database })).rejects.toThrow(/pg_hba|permission denied|not currently accepting/)
    await expect(test.connect(spec, { database: 'template0' })).rejects.toThrow(/does not exist/)
    for (const user of ['howdah_admin', 'howdah_monitor', 'postgres'])
      await expect(test.connect(spec, { user, password: spec.owner.password })).rejects.toThrow(/pg_hba|password/)
    await refused('select dblink_connect(\'dbname=postgres user=howdah_admin\')', /password/i)
  })

  it('reaches no other database of the machine and no store, over any socket or port', async () => {
    const { endpoint } = await test.observe(neighbour)
    const mine = await test.observe(spec)
    const run = join(test.dataDir, 'run')
    const identity = JSON.parse(await readFile(databasePaths(await placeOf(test.dataDir, spec.id)).identity, 'utf8')) as { superuserPassword: string }
    const targets = [
      `host=127.0.0.1 port=${endpoint?.port} dbname=app user=app`,
      `host=127.0.0.1 port=${endpoint?.port} dbname=postgres user=howdah_monitor`,
      `host=127.0.0.1 port=${endpoint?.port} dbname=app user=app sslmode=disable`,
      `host=${store.connection.host} port=${store.connection.port} dbname=postgres user=howdah`,
      `host=${run}/${'0'.repeat(12)} port=${mine.endpoint?.port} dbname=postgres user=howdah_admin`,
    ]
    for (const target of targets) {
      // Without a password, with a guess, with one's own, and with what would be known after a break-in here.
      await refused(`select dblink_connect('${target}')`, /password|could not/i)
      for (const password of ['', 'guess', spec.owner.password, identity.superuserPassword])
        await refused(`select dblink_connect('${target} password=''${password}''')`, /password|pg_hba|could not|no pg_hba/i)
    }
    await owner.query(`create server s foreign data wrapper postgres_fdw options (host '127.0.0.1', port '${endpoint?.port}', dbname 'app')`)
    await owner.query('create user mapping for app server s options (user \'app\')')
    await owner.query('create foreign table far (n int) server s')
    await refused('select * from far', /password/i)
    await refused('alter user mapping for app server s options (add password_required \'false\')', /superuser|password_required/i)
    await refused('alter user mapping for app server s options (add sslkey \'/etc/passwd\', add sslcert \'/etc/passwd\')', /superuser|only|not/i)
    await owner.query('alter user mapping for app server s options (add password \'guess\')')
    await refused('select * from far', /password|could not connect/i)
  })

  it('sends nothing of the server\'s account along: there is no password file and no service file to use', async () => {
    await refused('select dblink_connect(\'service=x\')', /password|service/i)
    await refused('select dblink_connect(\'host=127.0.0.1 passfile=/etc/passwd\')', /password/i)
  })

  it('sets no trap for our sessions: what it defines and sets is not used by them', async () => {
    await owner.query(`
      create schema if not exists trap;
      create table if not exists trap.caught (who text, what text);
      grant usage on schema trap to public;
      grant insert on trap.caught to public;
      create function trap.spring(what text) returns boolean language plpgsql as $f$
        begin insert into trap.caught values (current_user, what); return true; end $f$`)
    for (const schema of ['public', 'trap']) {
      await owner.query(`
        create or replace function ${schema}.eq_trap(text, text) returns boolean language sql as $f$ select trap.spring('operator') $f$;
        create operator ${schema}.= (leftarg = text, rightarg = text, function = ${schema}.eq_trap);
        create or replace function ${schema}.eq_trap(name, text) returns boolean language sql as $f$ select trap.spring('operator') $f$;
        create operator ${schema}.= (leftarg = name, rightarg = text, function = ${schema}.eq_trap);
        create or replace function ${schema}.current_setting(text) returns text language sql as $f$ select trap.spring('function')::text $f$;
        create or replace function ${schema}.count(name) returns bigint language sql as $f$ select trap.spring('function')::int::bigint $f$;
        create or replace view ${schema}.pg_extension as select 'x'::name as extname, trap.spring('view')::text as extversion;
        create or replace view ${schema}.pg_roles as select 'x'::name as rolname, trap.spring('view')::text as x;
        create or replace view ${schema}.pg_namespace as select 'x'::name as nspname, trap.spring('view')::text as x`)
    }
    await owner.query('alter database app set search_path = trap, public, pg_catalog')
    await owner.query('alter database app set role = app')
    await owner.query('alter database app set default_transaction_read_only = on')
    await owner.query('alter database app set statement_timeout = 1')
    await owner.query('alter database app set standard_conforming_strings = off')
    await owner.query('alter role app set search_path = trap, public, pg_catalog')

    const on = spec.extensions.filter(name => !['dblink', 'pgstattuple'].includes(name))
    expect(await test.settle({ ...spec, generation: 3, extensions: on })).toEqual({ outcome: 'done' })
    expect(await test.settle({ ...spec, generation: 4 })).toEqual({ outcome: 'done' })
    await test.engine.ensureRole(spec, { name: 'someone', password: randomUUID(), access: 'read-only', connectionLimit: -1 })
    await test.engine.ensureLogicalDatabase(spec, { name: 'second', owner: 'someone' })
    await test.engine.extensions(spec)
    await test.engine.parameters(spec)
    await test.engine.roles(spec)
    await test.engine.logicalDatabases(spec)
    await test.engine.dropRole(spec, 'someone')
    await test.engine.dropLogicalDatabase(spec, 'second')

    await owner.query('alter database app reset all')
    await owner.query('alter role app reset all')
    await owner.query('set search_path = pg_catalog')
    expect((await owner.query('select * from trap.caught where who <> \'app\'')).rows).toEqual([])
    expect((await owner.query('select count(*)::int as n from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = \'trap\' and p.proowner <> \'app\'::regrole')).rows).toEqual([{ n: 0 }])
    await owner.query('drop schema trap cascade; drop operator public.= (text, text); drop operator public.= (name, text)')
    await owner.query('reset search_path')
  })

  it('cannot shut us out by taking every connection', async () => {
    const taken: Client[] = []
    try {
      for (;;)
        taken.push(await test.connect(spec))
    }
    catch (error) {
      expect(String(error)).toMatch(/connection slots|too many clients/)
    }
    expect(taken.length).toBeGreaterThan(5)
    try {
      expect(await test.engine.roles(spec)).not.toEqual([])
      expect((await test.observe(spec)).phase).toBe('ready')
      await test.reopen()
      expect((await test.becomes(spec, 'ready')).reason).toBe('')
    }
    finally {
      for (const client of taken)
        await client.end()
    }
  })

  it('cannot end our sessions or the server', async () => {
    const postmaster = await findPostmaster(databasePaths(await placeOf(test.dataDir, spec.id)).data)
    const { rows } = await owner.query<{ pid: number }>('select pid from pg_stat_activity where usename = \'howdah_monitor\'')
    expect(rows.length).toBeGreaterThan(0)
    for (const pid of [...rows.map(row => row.pid), postmaster?.pid]) {
      for (const end of ['pg_terminate_backend', 'pg_cancel_backend']) {
        // It throws, or warns and answers false for what is no backend.
        const answer = await owner.query<{ ended: boolean }>(`select ${end}($1) as ended`, [pid]).catch((error: unknown) => error)
        expect(answer instanceof Error ? answer.message : answer).not.toMatchObject({ rows: [{ ended: true }] })
      }
    }
    expect(await findPostmaster(databasePaths(await placeOf(test.dataDir, spec.id)).data)).toEqual(postmaster)
  })

  it('is refused without TLS', async () => {
    const { endpoint } = await test.observe(spec)
    const plain = new Client({ host: endpoint?.host, port: endpoint?.port ?? 0, user: 'app', password: spec.owner.password, database: 'app' })
    await expect(plain.connect()).rejects.toThrow(/pg_hba.*no encryption/)
  })
})
