import type { Session, Table } from '@howdah/postgres'
import type pg from 'pg'
import { pipeline } from 'node:stream/promises'
import { nameOf, quoteIdentifier } from '@howdah/postgres'
import { Client } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'

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
