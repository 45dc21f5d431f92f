import type { Session } from './sessions.ts'
import { quoteIdentifier } from './sql.ts'

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

export async function countRows(session: Session, table: Table): Promise<number> {
  const [row] = await session.query<{ count: string }>(`select count(*) from only ${nameOf(table)}`)
  return Number(row?.count)
}

export function nameOf({ name, schema }: Pick<Table, 'schema' | 'name'>): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}
