import type { Action, ApiKeyCreate, PageQuery, Role } from '@howdah/contract'
import type { Static } from 'typebox'
import type { ApiKeyRow } from '../store/api-keys.ts'
import type { Access } from './access.ts'
import type { Caller } from './caller.ts'
import type { Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { randomUUID } from 'node:crypto'
import { apiKeyNameConstraint, deleteApiKeys, findApiKey, insertApiKey, listApiKeys as listRows } from '../store/api-keys.ts'
import { violatedConstraint } from '../store/db.ts'
import { makeApiKey } from './api-key-format.ts'
import { actionsOf } from './caller.ts'
import { actorOf, change } from './change.ts'
import { decodeCursor, encodeCursor, pageOf } from './cursor.ts'
import { AppError, invalid, notFound } from './errors.ts'
import { idOf } from './ids.ts'
import { carriesOperator } from './principals.ts'
import { changeRights } from './rights.ts'

const defaultRole = 'developer'
const defaultLifeMs = 90 * 24 * 60 * 60 * 1000

/** Keys of the caller's project, by name. */
export async function listApiKeys(domain: Domain, { principal }: Caller, query: Static<typeof PageQuery>): Promise<{ rows: ApiKeyRow[], nextCursor: string | null }> {
  const limit = query.limit ?? 50
  const rows = await listRows(domain.store.db, principal.project.id, decodeCursor(query.cursor), limit + 1)
  return pageOf(rows, limit, row => encodeCursor(row.name))
}

export async function getApiKey(domain: Domain, { principal }: Caller, id: string): Promise<ApiKeyRow> {
  const row = await findApiKey(domain.store.db, principal.project.id, idOf(id))
  if (!row)
    throw notFound()
  return row
}

/** `key` is answered once; the store keeps its hash. */
export interface NewApiKey { readonly row: ApiKeyRow, readonly key: string }

export async function createApiKey(domain: Domain, caller: Caller, body: Static<typeof ApiKeyCreate>, remember?: Remember<NewApiKey>): Promise<NewApiKey> {
  const { principal } = caller
  const role = body.role ?? defaultRole
  const scopes = body.scopes ?? null
  refuseMoreThan(principal.actions, principal.isOperator, role, scopes)
  const expiresAt = body.expiresAt === undefined
    ? new Date(Date.now() + defaultLifeMs)
    : body.expiresAt === null ? null : new Date(body.expiresAt)
  if (expiresAt && expiresAt.getTime() <= Date.now())
    throw invalid('/expiresAt', 'Must be in the future, or null for a key that does not expire')
  const made = makeApiKey()
  return await change(domain, principal.project, actorOf(caller), async ({ tx, audit }) => {
    const id = randomUUID()
    await insertApiKey(tx, {
      id,
      project_id: principal.project.id,
      person_id: principal.personId,
      name: body.name,
      role,
      scopes,
      hash: made.hash,
      prefix: made.prefix,
      last_four: made.lastFour,
      expires_at: expiresAt,
    }).catch((error: unknown) => {
      throw violatedConstraint(error) === apiKeyNameConstraint
        ? new AppError('name-taken', `The project has a key "${body.name}" already.`, { errors: [{ pointer: '/name', detail: 'Belongs to another key' }] })
        : error
    })
    audit({
      action: 'apiKeys.create',
      target: `api-key/${body.name}`,
      changes: {
        role: { from: null, to: role },
        ...scopes ? { scopes: { from: null, to: scopes } } : {},
        expiresAt: { from: null, to: expiresAt?.toISOString() ?? null },
      },
    })
    return { row: (await findApiKey(tx, principal.project.id, id))!, key: made.key }
  }, remember)
}

export async function deleteApiKey(domain: Domain, access: Access, caller: Caller, id: string): Promise<void> {
  const { project } = caller.principal
  const row = await getApiKey(domain, caller, id)
  await changeRights(domain, access, project, actorOf(caller), async ({ tx, audit, forget }) => {
    const [gone] = await deleteApiKeys(tx, project.id, { id: row.id })
    if (gone === undefined)
      throw notFound()
    forget(gone)
    audit({ action: 'apiKeys.delete', target: `api-key/${row.name}` })
  })
}

/** A key allows nothing that its maker may not do, and operator rights only where its scopes name them. */
function refuseMoreThan(makers: ReadonlySet<Action>, isOperator: boolean, role: Role, scopes: readonly Action[] | null): void {
  const ofRole = actionsOf(role, isOperator && carriesOperator(role, scopes), null)
  const beyondRole = (scopes ?? []).flatMap((scope, index) => ofRole.has(scope)
    ? []
    : [{ pointer: `/scopes/${index}`, detail: scope === 'platform.manage' ? 'Only an operator\'s key with the role admin can have it' : `The role ${role} does not allow it` }])
  if (beyondRole.length > 0)
    throw new AppError('invalid', 'Scopes narrow the role; they cannot widen it.', { errors: beyondRole })
  const beyondMaker = [...actionsOf(role, isOperator && carriesOperator(role, scopes), scopes)].filter(action => !makers.has(action))
  if (beyondMaker.length > 0)
    throw invalid(scopes ? '/scopes' : '/role', `A key cannot allow more than the credential that makes it, which lacks ${beyondMaker.join(', ')}`)
}
