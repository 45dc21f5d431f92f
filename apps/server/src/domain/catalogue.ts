import type { ExtensionObserved, ParameterObserved } from '@howdah/engine'
import type { DatabaseRow } from '../store/databases.ts'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { engineOf, refOf } from './database-spec.ts'
import { getDatabase } from './databases.ts'
import { AppError } from './errors.ts'

/** Extensions that the running server offers, with what the spec has on. */
export async function listExtensions(domain: Domain, caller: Caller, name: string): Promise<{ extension: ExtensionObserved, enabled: boolean }[]> {
  const database = await answering(domain, caller, name)
  const extensions = await engineOf(domain, database.location).extensions(refOf(caller.principal.project, database))
  return extensions.map(extension => ({ extension, enabled: database.extensions.includes(extension.name) }))
}

/** Parameters that can be set, from the running server. */
export async function listParameters(domain: Domain, caller: Caller, name: string): Promise<readonly ParameterObserved[]> {
  const database = await answering(domain, caller, name)
  return engineOf(domain, database.location).parameters(refOf(caller.principal.project, database))
}

async function answering(domain: Domain, caller: Caller, name: string): Promise<DatabaseRow> {
  const database = await getDatabase(domain, caller, name)
  if (database.phase !== 'ready' && database.phase !== 'degraded' && database.phase !== 'updating')
    throw new AppError('wrong-phase', `"${name}" is ${database.phase}; only a running server can be asked for its catalogue.`, { retryAfter: 1 })
  return database
}
