import type { OpenSession } from '@howdah/postgres'
import { maintenanceDatabase } from '@howdah/postgres'
import { DatabaseError } from 'pg'
import { openWithOneOf } from '../sessions.ts'

/** What is to be done as the superuser, with the password that the role has in what was restored, as far as we know. */
export interface Settlement {
  readonly password: string
  readonly statements: readonly string[]
}

type Server = Parameters<typeof openWithOneOf>[0]

/** Do all of it, or nothing where it was another password. Answers which. */
export async function isSettledBy({ password, statements }: Settlement, server: Server): Promise<boolean> {
  const session = await openIfKnown(server, password)
  try {
    await session?.query(`begin; ${statements.join('; ')}; commit`)
    return session !== undefined
  }
  finally {
    session?.close()
  }
}

async function openIfKnown(server: Server, password: string): Promise<OpenSession | undefined> {
  try {
    return await openWithOneOf(server, [password], maintenanceDatabase)
  }
  catch (error) {
    if (error instanceof Error && error.cause instanceof DatabaseError && error.cause.code === '28P01')
      return undefined
    throw error
  }
}
