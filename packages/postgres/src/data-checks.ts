import type { ProofCheck } from '@howdah/engine'
import type { Canary } from './canary.ts'
import type { Session } from './sessions.ts'
import { randomBytes } from 'node:crypto'
import { maintenanceDatabase } from './names.ts'
import { quoteIdentifier } from './sql.ts'

/** Opens a session as superuser in a logical database of the restored server. */
export type Connect = <T>(database: string, work: (session: Session) => Promise<T>) => Promise<T>

/** Look at everything that was restored: every row is read, every index is walked. The first failure ends it. */
export async function checkData(connect: Connect, canary: Pick<Canary, 'drill' | 'at'> | undefined, report: (text: string) => void): Promise<readonly ProofCheck[]> {
  const checks: ProofCheck[] = []
  if (canary) {
    const [row] = await connect(maintenanceDatabase, async session => await session.query('select from howdah.canary where drill = $1', [canary.drill]))
    checks.push({ name: 'canary', isGood: row !== undefined, detail: row ? `What was committed at ${canary.at.toISOString()} is there.` : `What was committed at ${canary.at.toISOString()} is missing.` })
  }
  const databases = await connect(maintenanceDatabase, async session => await session.query<{ name: string }>('select datname as name from pg_database where datallowconn and not datistemplate order by 1'))
  const [settings] = await connect(maintenanceDatabase, async session => await session.query<{ on: boolean }>('select current_setting(\'data_checksums\') = \'on\' as on'))
  let [tables, rows, indexes] = [0, 0, 0]
  let hasAmcheck = true
  for (const { name } of databases) {
    report(`Reads the database "${name}".`)
    await connect(name, async (session) => {
      const counted = await countRows(session)
      tables += counted.tables
      rows += counted.rows
      const checked = await checkStructure(session)
      indexes += checked ?? 0
      hasAmcheck &&= checked !== undefined
    })
  }
  const counts = `${rows.toLocaleString('en')} rows in ${tables.toLocaleString('en')} tables were read`
  checks.push({ name: 'rows', isGood: true, detail: settings?.on ? `${counts}, and the checksum of each page is right.` : `${counts}. The server has no checksums of pages.` })
  if (hasAmcheck)
    checks.push({ name: 'structure', isGood: true, detail: `${indexes.toLocaleString('en')} indexes lead to their tables, and no table has a damaged row.` })
  return checks
}

/** Catalogues too: a page of theirs that cannot be read is as bad. */
async function countRows(session: Session): Promise<{ tables: number, rows: number }> {
  const tables = await session.query<{ schema: string, name: string }>(`
    select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and c.relpersistence = 'p'`)
  let rows = 0
  for (const { name, schema } of tables) {
    const [row] = await session.query<{ count: string }>(`select count(*) from only ${quoteIdentifier(schema)}.${quoteIdentifier(name)}`)
    rows += Number(row?.count)
  }
  return { tables: tables.length, rows }
}

/**
 * PostgreSQL's own check of heaps and B-trees, where the binaries have it. It is brought in under a name that nobody can
 * have prepared, and taken back: what the owner of the database made must not be run as superuser. Answers how many indexes there were.
 */
async function checkStructure(session: Session): Promise<number | undefined> {
  const [offered] = await session.query('select from pg_available_extensions where name = \'amcheck\'')
  if (!offered)
    return undefined
  const schema = `howdah_drill_${randomBytes(8).toString('hex')}`
  await session.query('begin')
  try {
    await session.query('drop extension if exists amcheck cascade')
    await session.query(`create schema ${schema}`)
    await session.query(`create extension amcheck schema ${schema}`)
    const damaged = await session.query<{ relation: string, message: string }>(`
      select c.oid::regclass::text as relation, damage.msg as message
      from pg_class c cross join lateral ${schema}.verify_heapam(c.oid::regclass, on_error_stop => true, check_toast => true) damage
      where c.relkind in ('r', 'm', 't') and c.relpersistence = 'p' and c.relam = (select oid from pg_am where amname = 'heap') limit 1`)
    if (damaged[0])
      throw new DamagedData(`The table ${damaged[0].relation} is damaged: ${damaged[0].message}.`)
    const checked = await session.query(`
      select ${schema}.bt_index_check(i.indexrelid::regclass, true)
      from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indisvalid and i.indisready and c.relpersistence = 'p' and c.relkind = 'i' and c.relam = (select oid from pg_am where amname = 'btree')`)
    return checked.length
  }
  finally {
    await session.query('rollback')
  }
}

export class DamagedData extends Error {
  override readonly name = 'DamagedData'
}
