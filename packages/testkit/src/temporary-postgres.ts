import type { PrivateConnection } from '@howdah/engine-local'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { openPrivatePostgres } from '@howdah/engine-local'
import pg from 'pg'

export interface TemporaryDatabase {
  readonly connection: PrivateConnection
  /** The same as a URI, for what reads one from its configuration. */
  readonly url: string
  /** End its sessions and drop it; `close` does the same for all that are left. */
  readonly drop: () => Promise<void>
}

export interface TemporaryPostgres {
  /** A new empty database, or a copy of the template. */
  readonly createDatabase: (template?: TemporaryDatabase) => Promise<TemporaryDatabase>
  /** A database that `prepare` fills once, for `createDatabase` to copy. */
  readonly createTemplate: (prepare: (database: TemporaryDatabase) => Promise<void>) => Promise<TemporaryDatabase>
  /** Drop what was created. The last one to close shuts the server down. */
  readonly close: () => Promise<void>
}

/** Any test process may die at any time; its databases are dropped by whoever comes next. */
const prefix = 'howdah_test_'

/**
 * A PostgreSQL for tests, shared by all test processes of this user, with databases of their own for each. Its data
 * folder stays in the system's temporary folder, so only the first test ever pays for making it.
 */
export async function temporaryPostgres(): Promise<TemporaryPostgres> {
  const server = await openPrivatePostgres({
    isKept: false,
    dataDir: join(tmpdir(), `howdah-testkit-${process.getuid?.() ?? 'user'}`),
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '400',
    },
  })
  const admin = new pg.Pool({ ...server.connection, max: 2, idleTimeoutMillis: 0 })
  await dropOrphans(admin)
  const mine = new Set<TemporaryDatabase>()

  async function createDatabase(template?: TemporaryDatabase): Promise<TemporaryDatabase> {
    const name = `${prefix}${process.pid}_${randomBytes(6).toString('hex')}`
    await admin.query(`create database ${name} template ${template?.connection.database ?? 'template0'}`)
    const connection = { ...server.connection, database: name }
    const database: TemporaryDatabase = {
      connection,
      url: `postgres://${connection.user}:${connection.password}@${encodeURIComponent(connection.host)}:${connection.port}/${name}`,
      drop: async () => {
        mine.delete(database)
        await admin.query(`drop database if exists ${name} with (force)`)
      },
    }
    mine.add(database)
    return database
  }

  return {
    createDatabase,
    createTemplate: async (prepare) => {
      const database = await createDatabase()
      await prepare(database)
      return database
    },
    close: async () => {
      for (const database of mine)
        await database.drop()
      await admin.end()
      await server.close()
    },
  }
}

async function dropOrphans(admin: pg.Pool): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>('select datname from pg_database where datname like $1', [`${prefix.replaceAll('_', '\\_')}%`])
  for (const { datname } of rows) {
    if (!isAlive(Number(datname.slice(prefix.length).split('_')[0])))
      await admin.query(`drop database if exists ${datname} with (force)`)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  }
  catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
