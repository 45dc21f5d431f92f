import type { ProofCheck, UpgradeReport } from '@howdah/engine'
import type { PlannerSettings, Session } from '@howdah/postgres'
import { countRows, maintenanceDatabase, nameOf, plannerSettings, readCatalogue, readExtensions, readTables } from '@howdah/postgres'
import { updateExtensions } from './update-extensions.ts'

/** Opens a session as superuser in a logical database of the copy. */
type Connect = <T>(database: string, work: (session: Session) => Promise<T>) => Promise<T>

/** What is in a copy before it is upgraded. How many rows each table has stands in the copy itself, which has room for it. */
export interface Inventory {
  /** Such as `17.6`. */
  readonly serverVersion: string
  readonly databases: number
  readonly tables: number
  readonly rows: number
  readonly planner: PlannerSettings
  /** Versions, by name. */
  readonly extensions: Readonly<Record<string, string>>
}

interface Count { readonly relation: string, readonly rows: number }

const counts = 'howdah_rehearsal.counts'

/** Count everything, and leave the counts in the copy. May be repeated, also at the same time. */
export async function takeInventory(connect: Connect, say: (text: string) => void): Promise<Inventory> {
  await connect(maintenanceDatabase, async session => await session.query(`
    create schema if not exists howdah_rehearsal;
    create table if not exists ${counts} (database text, relation text, rows bigint, primary key (database, relation))`))
  const databases = await databasesOf(connect)
  const found = { tables: 0, rows: 0 }
  const extensions: Record<string, string> = {}
  for (const database of databases) {
    say(`The rows of "${database}" are counted.`)
    const counted = await connect(database, async (session) => {
      for (const { name, version } of await readExtensions(session))
        extensions[name] = version
      return await countAll(session)
    })
    await connect(maintenanceDatabase, async session => await session.query(
      `insert into ${counts} select $1, relation, rows from unnest($2::text[], $3::bigint[]) as counted (relation, rows)
      on conflict (database, relation) do update set rows = excluded.rows`,
      [database, counted.map(({ relation }) => relation), counted.map(({ rows }) => rows)],
    ))
    found.tables += counted.length
    found.rows += counted.reduce((sum, { rows }) => sum + rows, 0)
  }
  return { ...found, ...await connect(maintenanceDatabase, readServer), databases: databases.length, extensions }
}

/** What became of it. */
export interface Comparison extends Pick<UpgradeReport, 'extensions' | 'checks'> {
  readonly serverVersion: string
  readonly planner: PlannerSettings
}

/** Count again, in the upgraded copy, and bring its extensions to the versions that the new major has. */
export async function compareWith(before: Inventory, connect: Connect, say: (text: string) => void): Promise<Comparison> {
  const wrong: string[] = []
  const refusals: string[] = []
  const versions: Record<string, string> = {}
  for (const database of await databasesOf(connect)) {
    say(`The rows of "${database}" are counted again.`)
    const expected = await connect(maintenanceDatabase, async session => await session.query<{ relation: string, rows: number }>(`select relation, rows::float8 as rows from ${counts} where database = $1`, [database]))
    await connect(database, async (session) => {
      const now = new Map((await countAll(session)).map(({ relation, rows }) => [relation, rows]))
      wrong.push(...expected.filter(({ relation, rows }) => now.get(relation) !== rows).map(({ relation, rows }) => `${relation} of "${database}" had ${rows} rows, and has ${now.get(relation) ?? 'none'}`))
      refusals.push(...await updateExtensions(session))
      for (const { name, version } of await readExtensions(session))
        versions[name] = version
    })
  }
  const server = await connect(maintenanceDatabase, readServer)
  return {
    ...server,
    extensions: Object.entries(before.extensions).map(([name, from]) => ({ name, from, to: versions[name] ?? from })),
    checks: [
      check('rows', wrong, `${before.rows.toLocaleString('en')} rows in ${before.tables.toLocaleString('en')} tables are there as often as before.`),
      check('extensions', refusals, `Its extensions are of the versions that PostgreSQL ${server.serverVersion} has.`),
    ],
  }
}

function check(name: string, wrong: readonly string[], detail: string): ProofCheck {
  return wrong.length === 0 ? { name, isGood: true, detail } : { name, isGood: false, detail: `${wrong.slice(0, 5).join('; ')}.` }
}

async function databasesOf(connect: Connect): Promise<readonly string[]> {
  const found = await connect(maintenanceDatabase, async session => await session.query<{ name: string }>('select datname as name from pg_catalog.pg_database where datallowconn and not datistemplate and datname <> $1 order by 1', [maintenanceDatabase]))
  return found.map(({ name }) => name)
}

async function countAll(session: Session): Promise<readonly Count[]> {
  const counted: Count[] = []
  for (const table of await readTables(session))
    counted.push({ relation: nameOf(table), rows: await countRows(session, table) })
  return counted
}

async function readServer(session: Session): Promise<{ readonly serverVersion: string, readonly planner: PlannerSettings }> {
  const [row] = await session.query<{ version: string }>('select split_part(current_setting(\'server_version\'), \' \', 1) as version')
  return { serverVersion: row?.version ?? '', planner: plannerSettings(await readCatalogue(session)) }
}
