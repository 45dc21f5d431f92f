import type pg from 'pg'
import type { Section } from './dump-schema.ts'
import { Client, DatabaseError } from 'pg'
import { RestoreError } from '../backup/restore-error.ts'

/** Run what pg_dump wrote, all of it or nothing. */
export async function restoreSchema(config: pg.ClientConfig, major: number, section: Section, dump: string): Promise<void> {
  const text = asFor(major, dump)
  const client = new Client(config)
  client.on('error', () => {}) // the query that is lost with the connection tells
  await client.connect()
  try {
    await client.query(text)
  }
  catch (error) {
    if (!(error instanceof DatabaseError))
      throw error
    throw new RestoreError('SchemaRefused', `PostgreSQL ${major} does not take ${whatIsAt(text, Number(error.position))} of "${config.database}" (${section}): ${error.message}.`, 'Change it or drop it, and try again.', error)
  }
  finally {
    await client.end()
  }
}

/** What pg_dump writes for PostgreSQL of its own major and for a superuser, as others can read it. */
function asFor(major: number, dump: string): string {
  return (major >= 17 ? dump : dump.replace(/^SET transaction_timeout = 0;$/m, ''))
    .replaceAll(/^CREATE SCHEMA (?=")/gm, 'CREATE SCHEMA IF NOT EXISTS ')
    .replaceAll(/^SET SESSION AUTHORIZATION (?=")/gm, 'SET ROLE ')
    .replaceAll(/^RESET SESSION AUTHORIZATION;$/gm, 'RESET ROLE;')
}

/** pg_dump writes above each statement what it makes. */
function whatIsAt(text: string, position: number): string {
  const found = text.slice(0, position).match(/^-- Name: (.*); Type: ([^;]*); Schema: /gm)?.at(-1)
  const parts = /^-- Name: (.*); Type: ([^;]*); Schema: /.exec(found ?? '')
  return parts ? `${parts[2]?.toLowerCase()} ${parts[1]}` : 'something'
}
