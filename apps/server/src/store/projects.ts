import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Db } from './db.ts'
import type { ProjectsTable } from './schema.ts'
import { sql } from 'kysely'

export type ProjectRow = Selectable<ProjectsTable>

/** Constraint that a second project of the same name meets. */
export const projectNameConstraint = 'projects_name_key'

export interface ProjectUsage { readonly databases: number, readonly storageGib: number, readonly cpu: number, readonly memoryMib: number }

export function findProject(db: Db, id: string): Promise<ProjectRow | undefined> {
  return db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst()
}

export function findProjectByName(db: Db, name: string): Promise<ProjectRow | undefined> {
  return db.selectFrom('projects').selectAll().where('name', '=', name).executeTakeFirst()
}

/** The oldest one: the one of the first start while it is there. */
export function findFirstProject(db: Db): Promise<ProjectRow | undefined> {
  return db.selectFrom('projects').selectAll().orderBy('created_at').orderBy('id').executeTakeFirst()
}

/** Locked until the transaction ends: creates of databases wait, or are seen. */
export function lockProject(db: Db, id: string): Promise<ProjectRow | undefined> {
  return db.selectFrom('projects').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

/** By name, after the name. `ids`: only these. */
export function listProjects(db: Db, filter: { ids?: readonly string[] | undefined, after?: string | undefined, limit: number }): Promise<ProjectRow[]> {
  let query = db.selectFrom('projects').selectAll()
  if (filter.ids)
    query = query.where('id', '=', sql<string>`any(${filter.ids}::uuid[])`)
  if (filter.after !== undefined)
    query = query.where('name', '>', filter.after)
  return query.orderBy('name').limit(filter.limit).execute()
}

export function insertProject(db: Db, row: Insertable<ProjectsTable>): Promise<ProjectRow> {
  return db.insertInto('projects').values(row).returningAll().executeTakeFirstOrThrow()
}

export function updateProject(db: Db, id: string, change: Updateable<ProjectsTable>): Promise<ProjectRow> {
  return db.updateTable('projects').set(change).where('id', '=', id).returningAll().executeTakeFirstOrThrow()
}

export async function deleteProject(db: Db, id: string): Promise<void> {
  await db.deleteFrom('projects').where('id', '=', id).execute()
}

/** What the databases of each project ask for, replicas counted. Projects without databases are not in it. */
export async function usageOfProjects(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, ProjectUsage>> {
  const { rows } = await sql<ProjectUsage & { projectId: string }>`
    select project_id as "projectId", count(*)::int as databases, sum(storage_gib * instances)::int as "storageGib",
      sum(cpu * instances) as cpu, sum(memory_mib * instances)::int as "memoryMib"
    from databases where project_id = any(${ids}::uuid[]) group by project_id`.execute(db)
  return new Map(rows.map(({ projectId, ...usage }) => [projectId, usage]))
}
