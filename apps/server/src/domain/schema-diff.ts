import type { SchemaChange, SchemaDiff } from '@howdah/contract'
import type { SchemaObject } from '@howdah/engine'
import type { DatabaseRow } from '../store/databases.ts'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { findDatabase, findDatabaseById } from '../store/databases.ts'
import { engineOf, refOf } from './database-spec.ts'
import { getDatabase } from './databases.ts'
import { invalid } from './errors.ts'

/** Compares a database with the one that it began as, or with another one of the project. */
export async function readSchemaDiff(domain: Domain, caller: Caller, name: string, { against, db }: { readonly against?: string | undefined, readonly db?: string | undefined }): Promise<SchemaDiff> {
  const row = await getDatabase(domain, caller, name)
  const other = against === undefined ? await parentOf(domain, caller, row) : await findDatabase(domain.store.db, caller.principal.project.id, against)
  if (!other)
    throw invalid('/against', against === undefined ? 'It began as no database that is still here; name the one to compare it with' : 'There is no such database in this project')
  const [after, before] = await Promise.all([row, other].map(async database =>
    await engineOf(domain, database.location).schemaObjects(refOf(caller.principal.project, database), db ?? database.main_db)))
  return { database: row.name, against: other.name, db: db ?? row.main_db, changes: changesBetween(before ?? [], after ?? []) }
}

async function parentOf(domain: Domain, caller: Caller, { origin }: DatabaseRow): Promise<DatabaseRow | undefined> {
  const parent = origin ? await findDatabaseById(domain.store.db, origin.id) : undefined
  return parent?.project_id === caller.principal.project.id ? parent : undefined
}

/** In the order of kind, schema and name. Pure. */
export function changesBetween(before: readonly SchemaObject[], after: readonly SchemaObject[]): SchemaChange[] {
  const key = ({ kind, name, schema }: SchemaObject): string => JSON.stringify([kind, schema, name])
  const [old, now] = [before, after].map(objects => new Map(objects.map(object => [key(object), object])))
  return [...new Set([...old!.keys(), ...now!.keys()])].sort().flatMap((id): SchemaChange[] => {
    const [was, is] = [old!.get(id), now!.get(id)]
    const either = is ?? was
    if (!either || was?.definition === is?.definition)
      return []
    const { kind, name, schema } = either
    return [{ change: was ? is ? 'changed' : 'removed' : 'added', kind, schema, name, before: was?.definition ?? null, after: is?.definition ?? null }]
  })
}
