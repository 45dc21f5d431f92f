import type pg from 'pg'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

/** Any number that no other program uses as an advisory lock in this database. */
const lockKey = 7_246_329_401

/**
 * Brings the store to the newest schema. One process at a time; the others wait for the lock. Each migration is a
 * transaction of its own; one that was changed after it ran stops the start, because nobody knows what it did.
 */
export async function migrate(pool: pg.Pool, folder = new URL('migrations/', import.meta.url)): Promise<string[]> {
  const client = await pool.connect()
  const applied: string[] = []
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey])
    await client.query('create table if not exists migrations (name text primary key, hash text not null, applied_at timestamptz not null default now())')
    const { rows } = await client.query<{ name: string, hash: string }>('select name, hash from migrations')
    const known = new Map(rows.map(row => [row.name, row.hash]))
    for (const name of (await readdir(folder)).filter(file => file.endsWith('.sql')).sort()) {
      const sql = await readFile(new URL(name, folder), 'utf8')
      const hash = createHash('sha256').update(sql).digest('hex')
      const present = known.get(name)
      known.delete(name)
      if (present === hash)
        continue
      if (present !== undefined)
        throw new Error(`Migration ${name} was changed after it ran. Take the release that made this store, or a newer one.`)
      await client.query('begin')
      await client.query(sql)
      await client.query('insert into migrations (name, hash) values ($1, $2)', [name, hash])
      await client.query('commit')
      applied.push(name)
    }
    if (known.size > 0) {
      throw new Error(`The store was made by a newer release (it has ${[
        ...known.keys(),
      ].join(', ')}). Start that release or a newer one.`)
    }
    await client.query('select pg_advisory_unlock($1)', [lockKey])
    client.release()
  }
  catch (error) {
    // Ends the session: rolls back and releases the lock whatever state it is in.
    client.release(true)
    throw error
  }
  return applied
}
