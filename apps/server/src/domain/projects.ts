import type { PageQuery, ProjectCreate, ProjectUpdate, Role } from '@howdah/contract'
import type { Static } from 'typebox'
import type { Db } from '../store/db.ts'
import type { ProjectRow, ProjectUsage } from '../store/projects.ts'
import type { Access } from './access.ts'
import type { Caller } from './caller.ts'
import type { Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { randomUUID } from 'node:crypto'
import { violatedConstraint } from '../store/db.ts'
import { insertMember, membershipsOf } from '../store/members.ts'
import { deleteProject as deleteRow, findProject, findProjectByName, insertProject, listProjects as listRows, lockProject, projectNameConstraint, updateProject as updateRow, usageOfProjects } from '../store/projects.ts'
import { actorOf, change } from './change.ts'
import { decodeCursor, encodeCursor, pageOf } from './cursor.ts'
import { AppError, notFound } from './errors.ts'
import { changeRights } from './rights.ts'

/** A project as one caller sees it. */
export interface SeenProject {
  readonly row: ProjectRow
  readonly usage: ProjectUsage
  /** The caller's; null for an operator who is not a member. */
  readonly role: Role | null
}

const nothing: ProjectUsage = { databases: 0, storageGib: 0, cpu: 0, memoryMib: 0 }

/** The credential's own project, or any for an operator; otherwise the one 404. */
export async function visibleProject(domain: Domain, { principal }: Caller, name: string): Promise<ProjectRow> {
  const { db } = domain.store
  const row = name === principal.project.name
    ? await findProject(db, principal.project.id)
    : principal.isOperator
      ? await findProjectByName(db, name)
      : undefined
  if (!row)
    throw notFound()
  return row
}

/** Where the caller is a member, all for an operator, an API key's own. By name. */
export async function listProjects(domain: Domain, caller: Caller, query: Static<typeof PageQuery>): Promise<{ rows: SeenProject[], nextCursor: string | null }> {
  const { principal } = caller
  const limit = query.limit ?? 50
  const { db } = domain.store
  const ids = principal.isOperator
    ? undefined
    : principal.kind === 'api-key'
      ? [principal.project.id]
      : (await membershipsOf(db, principal.personId)).map(({ id }) => id)
  const rows = await listRows(db, { ids, after: decodeCursor(query.cursor), limit: limit + 1 })
  const page = pageOf(rows, limit, row => encodeCursor(row.name))
  return { rows: await seen(db, caller, page.rows), nextCursor: page.nextCursor }
}

export async function getProject(domain: Domain, caller: Caller, name: string): Promise<SeenProject> {
  return await seenOne(domain.store.db, caller, await visibleProject(domain, caller, name))
}

/** The caller becomes its first admin; for an API key that is the one who made it. */
export async function createProject(domain: Domain, caller: Caller, body: Static<typeof ProjectCreate>, remember?: Remember<SeenProject>): Promise<SeenProject> {
  const project = { id: randomUUID(), name: body.name }
  return await change(domain, project, actorOf(caller), async ({ tx, audit }) => {
    const row = await insertProject(tx, {
      ...project,
      description: body.description ?? '',
      quota: JSON.stringify(body.quota ?? {}),
    }).catch((error: unknown) => {
      throw violatedConstraint(error) === projectNameConstraint
        ? new AppError('name-taken', `There is a project "${body.name}" already.`, { errors: [{ pointer: '/name', detail: 'Belongs to another project' }] })
        : error
    })
    await insertMember(tx, row.id, caller.principal.personId, 'admin')
    audit({ action: 'projects.create', target: `project/${row.name}`, changes: body.quota ? { quota: { from: {}, to: body.quota } } : {} })
    return { row, usage: nothing, role: 'admin' }
  }, remember)
}

export async function updateProject(domain: Domain, caller: Caller, name: string, body: Static<typeof ProjectUpdate>): Promise<SeenProject> {
  const project = await visibleProject(domain, caller, name)
  if (body.quota && !caller.principal.actions.has('platform.manage'))
    throw new AppError('forbidden', 'Only an operator can change the quota of a project.')
  return await change(domain, project, actorOf(caller), async ({ tx, audit }) => {
    const before = await lockProject(tx, project.id)
    if (!before)
      throw notFound()
    const quota = { ...before.quota, ...body.quota }
    const row = await updateRow(tx, project.id, { description: body.description ?? before.description, quota: JSON.stringify(quota) })
    audit({
      action: 'projects.update',
      target: `project/${row.name}`,
      changes: {
        ...row.description === before.description ? {} : { description: { from: before.description, to: row.description } },
        ...body.quota ? { quota: { from: before.quota, to: quota } } : {},
      },
    })
    return await seenOne(tx, caller, row)
  })
}

/** Written into the chain of the caller's project: nobody reads that of one that is gone. */
export async function deleteProject(domain: Domain, access: Access, caller: Caller, name: string): Promise<void> {
  const { principal } = caller
  const project = await visibleProject(domain, caller, name)
  if (project.id === principal.project.id)
    throw new AppError('not-empty', 'The credential of this request is for this project. Delete it with one for another project.')
  await changeRights(domain, access, principal.project, actorOf(caller), async ({ tx, audit, forget }) => {
    if (!await lockProject(tx, project.id))
      throw notFound()
    const { databases } = (await usageOfProjects(tx, [project.id])).get(project.id) ?? nothing
    if (databases > 0)
      throw new AppError('not-empty', `The project has ${databases} ${databases === 1 ? 'database' : 'databases'}. Delete them first.`)
    await deleteRow(tx, project.id)
    forget(project.id)
    audit({ action: 'projects.delete', target: `project/${project.name}` })
  })
}

async function seen(db: Db, { principal }: Caller, rows: readonly ProjectRow[]): Promise<SeenProject[]> {
  const [usage, memberships] = await Promise.all([
    usageOfProjects(db, rows.map(({ id }) => id)),
    membershipsOf(db, principal.personId),
  ])
  return rows.map(row => ({
    row,
    usage: usage.get(row.id) ?? nothing,
    role: principal.kind === 'api-key' && row.id === principal.project.id
      ? principal.role
      // What the program wrote.
      : (memberships.find(({ id }) => id === row.id)?.role ?? null) as Role | null,
  }))
}

async function seenOne(db: Db, caller: Caller, row: ProjectRow): Promise<SeenProject> {
  const [project] = await seen(db, caller, [row])
  return project!
}
