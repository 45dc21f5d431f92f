import type { MemberAdd, PageQuery, Role } from '@howdah/contract'
import type { Static } from 'typebox'
import type { Tx } from '../store/db.ts'
import type { MemberRow } from '../store/members.ts'
import type { Access } from './access.ts'
import type { Caller } from './caller.ts'
import type { Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { deleteApiKeys } from '../store/api-keys.ts'
import { violatedConstraint } from '../store/db.ts'
import { deleteMember, findMember, insertMember, listMembers as listRows, lockAdmins, memberConstraint, setMemberRole } from '../store/members.ts'
import { findPersonByEmail } from '../store/people.ts'
import { endSessions } from '../store/sessions.ts'
import { actorOf } from './change.ts'
import { decodeCursor, encodeCursor, pageOf } from './cursor.ts'
import { AppError, invalid, notFound } from './errors.ts'
import { idOf } from './ids.ts'
import { visibleProject } from './projects.ts'
import { changeRights } from './rights.ts'

/** Members of a project, by e-mail. */
export async function listMembers(domain: Domain, caller: Caller, projectName: string, query: Static<typeof PageQuery>): Promise<{ rows: MemberRow[], nextCursor: string | null }> {
  const project = await visibleProject(domain, caller, projectName)
  const limit = query.limit ?? 50
  const rows = await listRows(domain.store.db, project.id, decodeCursor(query.cursor), limit + 1)
  return pageOf(rows, limit, row => encodeCursor(row.email.toLowerCase()))
}

export async function addMember(domain: Domain, access: Access, caller: Caller, projectName: string, { email, role }: Static<typeof MemberAdd>, remember?: Remember<MemberRow>): Promise<MemberRow> {
  const project = await visibleProject(domain, caller, projectName)
  return await changeRights(domain, access, project, actorOf(caller), async ({ tx, audit, forget }) => {
    const person = await findPersonByEmail(tx, email)
    if (!person)
      throw invalid('/email', 'Nobody here has this e-mail. An operator can add the person with POST /api/users.')
    await insertMember(tx, project.id, person.id, role).catch((error: unknown) => {
      throw violatedConstraint(error) === memberConstraint
        ? new AppError('name-taken', `${person.email} is a member already. PATCH changes the role.`, { errors: [{ pointer: '/email', detail: 'Is a member already' }] })
        : error
    })
    forget(person.id)
    audit({ action: 'members.add', target: `member/${person.email}`, changes: { role: { from: null, to: role } } })
    return (await findMember(tx, project.id, person.id))!
  }, remember)
}

export async function updateMember(domain: Domain, access: Access, caller: Caller, projectName: string, id: string, role: Role): Promise<MemberRow> {
  const project = await visibleProject(domain, caller, projectName)
  const personId = idOf(id)
  return await changeRights(domain, access, project, actorOf(caller), async ({ tx, audit, forget }) => {
    const before = await memberToChange(tx, project.id, personId, role)
    await setMemberRole(tx, project.id, personId, role)
    forget(personId)
    audit({ action: 'members.update', target: `member/${before.email}`, changes: { role: { from: before.role, to: role } } })
    return { ...before, role }
  })
}

/** Also ends what the person had for the project: sessions and API keys. */
export async function removeMember(domain: Domain, access: Access, caller: Caller, projectName: string, id: string): Promise<void> {
  const project = await visibleProject(domain, caller, projectName)
  const personId = idOf(id)
  await changeRights(domain, access, project, actorOf(caller), async ({ tx, audit, forget }) => {
    const before = await memberToChange(tx, project.id, personId, undefined)
    await deleteMember(tx, project.id, personId)
    const sessions = await endSessions(tx, { personId, projectId: project.id })
    const keys = await deleteApiKeys(tx, project.id, { personId })
    forget(personId)
    audit({
      action: 'members.remove',
      target: `member/${before.email}`,
      changes: {
        role: { from: before.role, to: null },
        ...sessions.length > 0 ? { sessionsEnded: sessions.length } : {},
        ...keys.length > 0 ? { apiKeysRevoked: keys.length } : {},
      },
    })
  })
}

/** Refuses to leave the project without an admin. */
async function memberToChange(tx: Tx, projectId: string, personId: string, role: Role | undefined): Promise<MemberRow> {
  const admins = await lockAdmins(tx, projectId)
  const member = await findMember(tx, projectId, personId)
  if (!member)
    throw notFound()
  if (role !== 'admin' && admins.length === 1 && admins[0] === personId)
    throw new AppError('last-admin', `${member.email} is the last admin of the project. Make somebody else an admin first.`)
  return member
}
