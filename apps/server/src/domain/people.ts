import type { PageQuery, UserCreate, UserUpdate } from '@howdah/contract'
import type { Static } from 'typebox'
import type { PersonRow } from '../store/people.ts'
import type { Access } from './access.ts'
import type { Caller } from './caller.ts'
import type { Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { randomUUID } from 'node:crypto'
import { deleteApiKeysOf } from '../store/api-keys.ts'
import { violatedConstraint } from '../store/db.ts'
import { projectsOnlyAdminedBy } from '../store/members.ts'
import { deletePerson as deleteRow, findPerson, insertPerson, listPeople as listRows, lockOperators, lockPerson, personEmailConstraint, updatePerson as updateRow } from '../store/people.ts'
import { endSessions } from '../store/sessions.ts'
import { actorOf, change } from './change.ts'
import { decodeCursor, encodeCursor, pageOf } from './cursor.ts'
import { AppError, notFound } from './errors.ts'
import { idOf } from './ids.ts'
import { changeRights } from './rights.ts'
import { generatePassword } from './sealed.ts'

/** All people of the installation, by e-mail. */
export async function listPeople(domain: Domain, query: Static<typeof PageQuery>): Promise<{ rows: PersonRow[], nextCursor: string | null }> {
  const limit = query.limit ?? 50
  const rows = await listRows(domain.store.db, decodeCursor(query.cursor), limit + 1)
  return pageOf(rows, limit, row => encodeCursor(row.email.toLowerCase()))
}

export async function getPerson(domain: Domain, id: string): Promise<PersonRow> {
  const row = await findPerson(domain.store.db, idOf(id))
  if (!row)
    throw notFound()
  return row
}

/** `password`: only when it was generated here, to be answered once. */
export interface NewPerson { readonly row: PersonRow, readonly password: string | undefined }

export async function createPerson(domain: Domain, { passwords }: Access, caller: Caller, body: Static<typeof UserCreate>, remember?: Remember<NewPerson>): Promise<NewPerson> {
  const password = body.password ?? generatePassword()
  const passwordHash = await passwords.hash(password)
  return await change(domain, caller.principal.project, actorOf(caller), async ({ tx, audit }) => {
    const row = await insertPerson(tx, {
      id: randomUUID(),
      email: body.email,
      name: body.name,
      password_hash: passwordHash,
      is_operator: body.isOperator ?? false,
      last_project_id: null,
    }).catch((error: unknown) => {
      throw violatedConstraint(error) === personEmailConstraint
        ? new AppError('name-taken', 'There is a person with this e-mail already.', { errors: [{ pointer: '/email', detail: 'Belongs to another person' }] })
        : error
    })
    audit({ action: 'people.create', target: `person/${row.email}`, changes: { isOperator: { from: null, to: row.is_operator } } })
    return { row, password: body.password === undefined ? password : undefined }
  }, remember)
}

/** What takes effect at once: a disabled person is out, a new password ends the sessions that knew the old one. */
export async function updatePerson(domain: Domain, access: Access, caller: Caller, id: string, body: Static<typeof UserUpdate>): Promise<PersonRow> {
  const { id: personId } = await getPerson(domain, id)
  const passwordHash = body.password === undefined ? undefined : await access.passwords.hash(body.password)
  return await changeRights(domain, access, caller.principal.project, actorOf(caller), async ({ tx, audit, forget }) => {
    if (body.isOperator === false || body.isDisabled === true)
      await keepAnOperator(tx, personId)
    const before = await lockPerson(tx, personId)
    if (!before)
      throw notFound()
    const row = await updateRow(tx, personId, {
      name: body.name ?? before.name,
      is_operator: body.isOperator ?? before.is_operator,
      is_disabled: body.isDisabled ?? before.is_disabled,
      password_hash: passwordHash ?? before.password_hash,
    })
    if (row.is_disabled || passwordHash !== undefined) {
      const { sessionId } = caller.principal
      await endSessions(tx, {
        personId,
        ...sessionId !== null && !row.is_disabled ? { exceptId: sessionId } : {},
      })
    }
    if (row.is_disabled)
      await deleteApiKeysOf(tx, personId)
    forget(personId)
    audit({
      action: 'people.update',
      target: `person/${row.email}`,
      changes: {
        ...row.name === before.name ? {} : { name: { from: before.name, to: row.name } },
        ...row.is_operator === before.is_operator ? {} : { isOperator: { from: before.is_operator, to: row.is_operator } },
        ...row.is_disabled === before.is_disabled ? {} : { isDisabled: { from: before.is_disabled, to: row.is_disabled } },
        ...passwordHash === undefined ? {} : { password: 'changed' },
      },
    })
    return row
  })
}

export async function deletePerson(domain: Domain, access: Access, caller: Caller, id: string): Promise<void> {
  const { id: personId } = await getPerson(domain, id)
  await changeRights(domain, access, caller.principal.project, actorOf(caller), async ({ tx, audit, forget }) => {
    await keepAnOperator(tx, personId)
    const row = await lockPerson(tx, personId)
    if (!row)
      throw notFound()
    const orphans = await projectsOnlyAdminedBy(tx, personId)
    if (orphans.length > 0)
      throw new AppError('last-admin', `${row.email} is the only admin of ${orphans.join(', ')}. Make somebody else an admin there first. To lock the person out at once, set isDisabled.`)
    await deleteRow(tx, personId)
    forget(personId)
    audit({ action: 'people.delete', target: `person/${row.email}` })
  })
}

async function keepAnOperator(tx: Parameters<typeof lockOperators>[0], personId: string): Promise<void> {
  const operators = await lockOperators(tx)
  if (operators.length === 1 && operators[0] === personId)
    throw new AppError('last-admin', 'This is the last operator of the installation. Make somebody else an operator first.')
}
