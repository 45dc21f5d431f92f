import type { UpgradeReport } from '@howdah/engine'
import type { Catalogue, Session, Table } from '@howdah/postgres'
import type pg from 'pg'
import type { Job } from '../backup/job.ts'
import type { LogicalDatabase } from './logical-databases.ts'
import type { PrivateServer } from './private-server.ts'
import { countRows, maintenanceDatabase, nameOf, quoteIdentifier, quoteLiteral, readExtensions, readTables, scramVerifier, withClient } from '@howdah/postgres'
import { Lane } from '../backup/lane.ts'
import { RestoreError } from '../backup/restore-error.ts'
import { placeholderDatabase, placeholderOwner } from '../preparation.ts'
import { makeTemplateDatabase } from '../template-database.ts'
import { dumpSchema } from './dump-schema.ts'
import { copyExtensions } from './extensions.ts'
import { copyLargeObjects } from './large-objects.ts'
import { createLogicalDatabase, finishLogicalDatabase, readLogicalDatabases } from './logical-databases.ts'
import { restoreSchema } from './restore-schema.ts'
import { copyRoles, copySessionSettings } from './roles.ts'
import { copyRows, copySequences } from './rows.ts'
import { closeSchemas, openSchemas, readSchemas } from './schemas.ts'

/** Who brings what users have made: as them, and never as superuser, because what they made may run code. */
export interface Hand { readonly user: string, readonly password: string }
export const handName = 'howdah_upgrade'

export interface Copy {
  readonly from: PrivateServer
  readonly to: PrivateServer
  readonly hand: Hand
  /** The owner of the first logical database. */
  readonly owner: string
  /** What the new major offers. */
  readonly catalogue: Catalogue
}

export type Copied = Pick<UpgradeReport, 'databases' | 'tables' | 'rows' | 'extensions' | 'checks'>

const tablesAtATime = 2

/** Bring everything that is in one server into another one of a newer major, and count whether it is there. */
export async function copyCluster(copy: Copy, job: Job<unknown>): Promise<Copied> {
  const { from, hand, owner, to } = copy
  const admin = async <T>(server: PrivateServer, work: (session: Session) => Promise<T>): Promise<T> => await withClient(server.config(maintenanceDatabase), work)
  job.enter('transfer')
  job.say('Roles are brought over.')
  await makeTemplateDatabase({ asSuperuser: async (database, work) => await withClient(to.config(database), work) }, placeholderDatabase)
  const { databases, roles: { last, names: roles } } = await admin(from, async source => await admin(to, async (target) => {
    await holdToNothingPending(source)
    await target.query(`drop database if exists ${placeholderDatabase}`)
    await target.query(`alter role ${placeholderOwner} rename to ${quoteIdentifier(owner)}`)
    const roles = await copyRoles(source, target)
    await target.query([
      `create role ${handName} login nosuperuser bypassrls inherit password ${quoteLiteral(await scramVerifier(hand.password))}`,
      `grant ${roles.names.map(role => quoteIdentifier(role)).join(', ')} to ${handName}`,
    ].join(';\n'))
    return { databases: await readLogicalDatabases(source), roles }
  }))
  const found = { tables: 0, rows: 0, sequences: 0, largeObjects: 0 }
  const extensions = new Map<string, UpgradeReport['extensions'][number]>()
  const verifications: (() => Promise<void>)[] = []
  for (const database of databases) {
    job.say(`The schema of "${database.name}" is brought over.`)
    await admin(to, async session => await createLogicalDatabase(session, database))
    const one = await copyDatabase(copy, database, roles, job)
    found.tables += one.tables
    found.rows += one.rows
    found.sequences += one.sequences
    found.largeObjects += one.largeObjects
    for (const extension of one.extensions)
      extensions.set(extension.name, extension)
    verifications.push(one.verify)
  }
  job.enter('verify')
  for (const verify of verifications)
    await verify()
  await admin(from, async source => await admin(to, async (target) => {
    await copySessionSettings(source, target)
    for (const database of databases)
      await finishLogicalDatabase(target, database)
    await target.query(`drop role ${handName}; ${last}`)
  }))
  return {
    databases: databases.length,
    tables: found.tables,
    rows: found.rows,
    extensions: [...extensions.values()],
    checks: [
      { name: 'schema', isGood: true, detail: `PostgreSQL ${to.major} took the schema of ${databases.length === 1 ? 'the logical database' : `${databases.length} logical databases`}.` },
      { name: 'rows', isGood: true, detail: `${found.rows.toLocaleString('en')} rows in ${found.tables.toLocaleString('en')} tables are there as often as before.` },
      { name: 'objects', isGood: true, detail: `${found.sequences.toLocaleString('en')} sequences and ${found.largeObjects.toLocaleString('en')} large objects are as they were.` },
    ],
  }
}

interface CopiedDatabase {
  readonly tables: number
  readonly rows: number
  readonly sequences: number
  readonly largeObjects: number
  readonly extensions: UpgradeReport['extensions']
  /** Count what came over, and finish it. */
  readonly verify: () => Promise<void>
}

async function copyDatabase({ catalogue, from, hand, owner, to }: Copy, { name }: LogicalDatabase, roles: readonly string[], job: Job<unknown>): Promise<CopiedDatabase> {
  const [old, next] = [from.config(name), to.config(name)]
  const asHand = to.configOf(hand, name)
  const both = async <T>(work: (source: Session, target: Session) => Promise<T>): Promise<T> => await withClient(old, async source => await withClient(next, async target => await work(source, target)))
  const { extensions, schemas, tables } = await both(async (source, target) => {
    const [schemas, installed, tables] = [await readSchemas(source), await readExtensions(source), await readTables(source)]
    await openSchemas(target, schemas, roles)
    const versions = await copyExtensions(target, catalogue, installed)
    return { schemas, tables, extensions: installed.map(({ name, version }) => ({ name, from: version, to: versions.get(name) ?? version })) }
  })
  await restoreSchema(asHand, to.major, 'pre-data', await dumpSchema(old, 'pre-data'))
  const counts = await copyAllRows(old, asHand, tables, job)
  const { largeObjects, sequences } = await both(async (source, target) => ({ sequences: await copySequences(source, target), largeObjects: await copyLargeObjects(source, target) }))
  job.say(`Indexes and constraints of "${name}" are made.`)
  await restoreSchema(asHand, to.major, 'post-data', await dumpSchema(old, 'post-data'))
  const verify = async (): Promise<void> => await both(async (source, target) => {
    job.say(`The rows of "${name}" are counted.`)
    await bringUpToDate(source, asHand)
    await closeSchemas(target, schemas, [...roles, handName])
    await target.query(`reassign owned by ${handName} to ${quoteIdentifier(owner)}; drop owned by ${handName}`)
    for (const [table, count] of counts)
      await holdToCount(target, table, count)
  })
  return { tables: counts.size, rows: [...counts.values()].reduce((sum, count) => sum + count, 0), sequences, largeObjects, extensions, verify }
}

async function copyAllRows(from: pg.ClientConfig, to: pg.ClientConfig, tables: readonly Table[], job: Job<unknown>): Promise<ReadonlyMap<Table, number>> {
  const counts = new Map<Table, number>()
  const bytes = { all: tables.reduce((sum, table) => sum + table.bytes, 0), done: 0 }
  const lane = new Lane(tablesAtATime)
  for (const table of tables) {
    await lane.add(async () => {
      counts.set(table, await copyTable(from, to, table, job.signal))
      bytes.done += table.bytes
      job.say(`${Math.round(bytes.done / 2 ** 20)} of ${Math.round(bytes.all / 2 ** 20)} MiB of rows are brought over.`)
    })
  }
  await lane.end()
  return counts
}

async function copyTable(from: pg.ClientConfig, to: pg.ClientConfig, table: Table, signal: AbortSignal): Promise<number> {
  try {
    return await copyRows(from, to, table, signal)
  }
  catch (error) {
    signal.throwIfAborted()
    throw new RestoreError('RowsRefused', `The rows of ${nameOf(table)} cannot be brought over: ${error instanceof Error ? error.message : String(error)}.`, 'Put right what it says, and try again. What a check or a generated column calls has to name schemas, or to have a search_path of its own.', error)
  }
}

async function holdToCount(session: Session, table: Table, expected: number): Promise<void> {
  const count = await countRows(session, table)
  if (count !== expected)
    throw new RestoreError('CountsDiffer', `${nameOf(table)} had ${expected} rows, and ${count} came over.`, 'Tell the operator of the platform.')
}

/** What follows from the rows: what materialized views show, and statistics, without which the first queries are planned blindly. */
async function bringUpToDate(source: Session, asHand: pg.ClientConfig): Promise<void> {
  const views = await source.query<{ schema: string, name: string }>(`
    select n.nspname as schema, c.relname as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'm' and c.relispopulated order by c.oid`)
  await withClient(asHand, async (session) => {
    for (const view of views)
      await session.query(`refresh materialized view ${nameOf(view)}`)
    await session.query('analyze')
  })
}

/** What is prepared and not committed is in no table yet. */
async function holdToNothingPending(session: Session): Promise<void> {
  const [row] = await session.query<{ count: number }>('select count(*)::int as count from pg_catalog.pg_prepared_xacts')
  if ((row?.count ?? 0) > 0)
    throw new RestoreError('PreparedTransactions', `${row?.count} prepared transactions are neither committed nor rolled back, and would be lost.`, 'Commit them or roll them back, and try again.')
}
