import type { Session } from '@howdah/postgres'
import type pg from 'pg'
import { pipeline } from 'node:stream/promises'
import { quoteIdentifier } from '@howdah/postgres'
import { Client } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'

export interface Table {
  readonly schema: string
  readonly name: string
  readonly bytes: number
  /** Those that are stored as they were written. */
  readonly columns: readonly string[]
}

/** Tables that hold rows of their own, the largest first. Those of extensions are made anew with them. */
export async function readTables(session: Session): Promise<readonly Table[]> {
  return await session.query<Table & Record<string, unknown>>(`
    select n.nspname as schema, c.relname as name, pg_catalog.pg_table_size(c.oid)::float8 as bytes,
      array(select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    order by 3 desc, 1, 2`)
}

/** Bring all rows of a table over, as text, which every major reads alike. Answers how many there were. */
export async function copyRows(from: pg.ClientConfig, to: pg.ClientConfig, table: Table, signal: AbortSignal): Promise<number> {
  const [source, target] = [new Client(from), new Client(to)]
  // A connection that is lost fails the copy, which is what is looked at.
  source.on('error', () => {})
  target.on('error', () => {})
  try {
    await Promise.all([source.connect(), target.connect()])
    const what = `${nameOf(table)}${table.columns.length === 0 ? '' : ` (${table.columns.map(column => quoteIdentifier(column)).join(', ')})`}`
    const rows = source.query(copyTo(`copy ${what} to stdout`))
    await pipeline(rows, target.query(copyFrom(`copy ${what} from stdin`)), { signal })
    return rows.rowCount
  }
  finally {
    await Promise.allSettled([source.end(), target.end()])
  }
}

export async function countRows(session: Session, table: Table): Promise<number> {
  const [row] = await session.query<{ count: string }>(`select count(*) from only ${nameOf(table)}`)
  return Number(row?.count)
}

export function nameOf({ name, schema }: Pick<Table, 'schema' | 'name'>): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}

/** Where each sequence is. Answers how many there are. */
export async function copySequences(from: Session, to: Session): Promise<number> {
  const sequences = await from.query<{ schema: string, name: string }>(`
    select n.nspname as schema, c.relname as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'S' and c.relpersistence <> 't' and n.nspname !~ '^pg_'
      and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`)
  for (const sequence of sequences) {
    const [at] = await from.query<{ value: string, called: boolean }>(`select last_value as value, is_called as called from ${nameOf(sequence)}`)
    await to.query('select pg_catalog.setval($1::regclass, $2, $3)', [nameOf(sequence), at?.value, at?.called])
  }
  return sequences.length
}
