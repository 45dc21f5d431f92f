import type { OpenSession } from '@howdah/postgres'
import { maintenanceDatabase } from '@howdah/postgres'
import { DatabaseError } from 'pg'
import { openWithOneOf } from '../sessions.ts'

/** What is to be done as the superuser, with the password that the role has in what was restored, as far as we know. */
export interface Settlement {
  readonly password: string
  readonly statements: readonly string[]
  /** Where others will log in soon: the first session in a database builds a cache of its catalogue, beside what is done here. */
  readonly databases?: readonly string[]
}

type Server = Parameters<typeof openWithOneOf>[0]

/** Do all of it, and stay; nothing where it was another password, and undefined. */
export async function settled({ databases = [], password, statements }: Settlement, server: Server): Promise<OpenSession | undefined> {
  const [session, ...others] = await Promise.all([
    openIfKnown(server, password, maintenanceDatabase),
    // It is a help, not a need; and it may have had another name then.
    ...databases.map(async database => await openIfKnown(server, password, database).catch(() => undefined)),
  ])
  try {
    await session?.query(`begin; ${statements.join('; ')}; commit`)
    return session
  }
  catch (error) {
    session?.close()
    throw error
  }
  finally {
    for (const other of others)
      other?.close()
  }
}

async function openIfKnown(server: Server, password: string, database: string): Promise<OpenSession | undefined> {
  try {
    return await openWithOneOf(server, [password], database)
  }
  catch (error) {
    if (error instanceof Error && error.cause instanceof DatabaseError && error.cause.code === '28P01')
      return undefined
    throw error
  }
}
