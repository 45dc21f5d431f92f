import type { PasswordChange } from '@howdah/contract'
import type { Static } from 'typebox'
import type { MembershipRow } from '../store/members.ts'
import type { PersonRow } from '../store/people.ts'
import type { Access } from './access.ts'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { membershipsOf } from '../store/members.ts'
import { findPerson, updatePerson } from '../store/people.ts'
import { endSessions } from '../store/sessions.ts'
import { actorOf } from './change.ts'
import { AppError, invalid } from './errors.ts'
import { changeRights } from './rights.ts'
import { waitFor } from './sign-in.ts'

/** The person behind the credential, undefined for an API key, and the projects that it can be used for. */
export interface Self { readonly person: PersonRow | undefined, readonly projects: readonly MembershipRow[] }

export async function whoAmI(domain: Domain, { principal }: Caller): Promise<Self> {
  if (principal.kind === 'api-key')
    return { person: undefined, projects: [{ ...principal.project, role: principal.role }] }
  const [person, projects] = await Promise.all([
    findPerson(domain.store.db, principal.personId),
    membershipsOf(domain.store.db, principal.personId),
  ])
  return { person, projects }
}

/** Ends the session of the credential. An API key has none and stays good: it is revoked, not signed out. */
export async function signOut(domain: Domain, access: Access, caller: Caller): Promise<void> {
  const { sessionId, project, label } = caller.principal
  if (sessionId === null)
    return
  await changeRights(domain, access, project, actorOf(caller), async ({ tx, audit, forget }) => {
    await endSessions(tx, { id: sessionId })
    forget(sessionId)
    audit({ action: 'auth.logout', target: `person/${label}` })
  })
}

/** Ends every other session of the person. Guessing the present password is slowed down like guessing at the sign-in. */
export async function changePassword(domain: Domain, access: Access, caller: Caller, { currentPassword, newPassword }: Static<typeof PasswordChange>): Promise<void> {
  const { kind, personId, sessionId, project } = caller.principal
  if (kind !== 'user' || sessionId === null)
    throw new AppError('forbidden', 'An API key cannot change a password. Sign in with e-mail and password.')
  const person = await findPerson(domain.store.db, personId)
  const attempt = access.guard.attempt(person?.email ?? '', caller.origin.sourceIp)
  if (!attempt.allowed)
    throw waitFor(attempt.retryAfter)
  if (!await access.passwords.verify(currentPassword, person?.password_hash))
    throw new AppError('wrong-credentials', 'The current password is wrong.')
  attempt.succeeded()
  if (newPassword === currentPassword)
    throw invalid('/newPassword', 'Must differ from the current password')
  const passwordHash = await access.passwords.hash(newPassword)
  await changeRights(domain, access, project, actorOf(caller), async ({ tx, audit, forget }) => {
    const { email } = await updatePerson(tx, personId, { password_hash: passwordHash })
    await endSessions(tx, { personId, exceptId: sessionId })
    forget(personId)
    audit({ action: 'auth.password', target: `person/${email}`, changes: { password: 'changed' } })
  })
}
