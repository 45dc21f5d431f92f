import type { ClientConfig } from 'pg'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase } from '@howdah/postgres'
import { Client, DatabaseError } from 'pg'
import { Looks } from '../look.ts'
import { superuserName } from '../names.ts'
import { readSecret, superuserConnectionOf } from '../target.ts'

const waitMs = 200
const connectWithinMs = 10_000
/** From this version on a server can be told to read everything for a backup that goes nowhere. */
const sinceMajor = 15
/** PostgreSQL's code for pages that are not what was written. */
const dataCorrupted = 'XX001'

interface Found {
  readonly looks: Looks<string>
  /** Empty: every page is what was written. */
  damage?: string
}

/** What was found, for as long as somebody holds on to the database. */
const found = new WeakMap<Database, Found>()

/**
 * Whether every page of a server that was made from a base backup is as it was written: Barman keeps no digest of what it stores, and a bit that
 * is another one may pass for whole. What is damaged; empty: nothing. Undefined: it is being read.
 */
export async function damagedPage(installation: Installation, db: Database, major: number): Promise<string | undefined> {
  if (major < sinceMajor)
    return ''
  const known = found.get(db) ?? { looks: new Looks<string>(waitMs) }
  found.set(db, known)
  if (known.damage !== undefined)
    return known.damage
  const result = await known.looks.at('pages', async () => await readAll(installation, db))
  if (typeof result === 'string')
    return undefined
  known.damage = result.value
  return known.damage
}

/** The server reads all of its files as for a backup, and throws away what it read. */
async function readAll({ api }: Installation, db: Database): Promise<string> {
  const secret = await readSecret(api, db.namespace, `${db.ref.name}-superuser`)
  const config: ClientConfig & { readonly replication: string } = {
    ...superuserConnectionOf(await db.target()),
    user: superuserName,
    password: secret?.password ?? '',
    database: maintenanceDatabase,
    replication: 'database',
    connectionTimeoutMillis: connectWithinMs,
    keepAlive: true,
  }
  const client = new Client(config)
  let said = ''
  // What ends it fails the query, too.
  client.on('error', () => {})
  client.on('notice', ({ message = '' }) => said ||= /checksum verification failed.*/.exec(message)?.[0] ?? '')
  try {
    await client.connect()
    await client.query(`BASE_BACKUP (LABEL 'howdah', TARGET 'blackhole', CHECKPOINT 'fast', WAIT false, MANIFEST 'no', VERIFY_CHECKSUMS true)`)
    return ''
  }
  catch (error) {
    if (error instanceof DatabaseError && error.code === dataCorrupted)
      return said === '' ? error.message : said
    throw new EngineError('unavailable', 'The server does not answer now; try again.', { cause: error })
  }
  finally {
    // It may be gone.
    await client.end().catch(() => {})
  }
}
