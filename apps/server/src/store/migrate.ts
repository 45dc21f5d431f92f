import type pg from 'pg'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

/** Any number that no other program uses as an advisory lock in this database. */
const lockKey = 7_246_329_401

/** A migration may take as long as its tables are large, and the others wait for it. In milliseconds, as a timer can hold it. */
const longest = 2 ** 31 - 1

/**
 * Brings the store to the newest schema. One process at a time; the others wait for the lock. Each migration is a
 * transaction of its own. A store that a newer release made, or that holds a migration which was changed after it
 * ran, stops the start before anything is done: nobody knows what would come of it.
 */
export async function migrate(pool: pg.Pool, folder = new URL('migrations/', import.meta.url)): Promise<string[]> {
  const client = await pool.connect()
  // The driver knows the option for one query; its types do not.
  const run = (text: string, values: unknown[] = []) => client.query<{ name: string, hash: string }>({ text, values, query_timeout: longest } as pg.QueryConfig)
  const applied: string[] = []
  try {
    await client.query('set statement_timeout = 0')
    await run('select pg_advisory_lock($1)', [lockKey])
    await client.query('create table if not exists migrations (name text primary key, hash text not null, applied_at timestamptz not null default now())')
    const migrations = await readMigrations(folder)
    const { rows } = await run('select name, hash from migrations')
    refuseForeign(rows, migrations)
    for (const [name, { sql, hash }] of migrations) {
      if (rows.some(row => row.name === name))
        continue
      await client.query('begin')
      await run(sql)
      await run('insert into migrations (name, hash) values ($1, $2)', [name, hash])
      await client.query('commit')
      applied.push(name)
    }
  }
  finally {
    // Ends the session: rolls back, releases the lock and forgets the settings, whatever state it is in.
    client.release(true)
  }
  return applied
}

async function readMigrations(folder: URL): Promise<Map<string, { sql: string, hash: string }>> {
  const migrations = new Map<string, { sql: string, hash: string }>()
  for (const name of (await readdir(folder)).filter(file => file.endsWith('.sql')).sort()) {
    const sql = await readFile(new URL(name, folder), 'utf8')
    migrations.set(name, { sql, hash: createHash('sha256').update(sql).digest('hex') })
  }
  return migrations
}

function refuseForeign(present: readonly { name: string, hash: string }[], known: ReadonlyMap<string, { hash: string }>): void {
  const newer = present.filter(({ name }) => !known.has(name)).map(({ name }) => name)
  if (newer.length > 0)
    throw new Error(`The store was made by a newer release (it has ${newer.join(', ')}). Start that release or a newer one.`)
  const changed = present.find(({ name, hash }) => known.get(name)?.hash !== hash)
  if (changed)
    throw new Error(`Migration ${changed.name} was changed after it ran. Take the release that made this store, or a newer one.`)
}
