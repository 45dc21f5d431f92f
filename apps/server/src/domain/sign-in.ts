import type { Login, Role } from '@howdah/contract'
import type { Db } from '../store/db.ts'
import type { PersonRow } from '../store/people.ts'
import type { Access } from './access.ts'
import type { Origin } from './caller.ts'
import type { Domain } from './domain.ts'
import { randomUUID } from 'node:crypto'
import { membershipsOf } from '../store/members.ts'
import { findPersonByEmail, updatePerson } from '../store/people.ts'
import { findFirstProject, findProject, findProjectByName } from '../store/projects.ts'
import { forgetOldSessions, insertRefreshToken, insertSession } from '../store/sessions.ts'
import { change } from './change.ts'
import { AppError, invalid } from './errors.ts'
import { makeRefreshToken } from './refresh-token.ts'
import { sessionEnd } from './session-life.ts'

/** What a person gets for signing in or refreshing. */
export interface SignedIn {
  readonly token: string
  readonly expiresAt: Date
  readonly refreshToken: string
  readonly isCookie: boolean
  readonly user: { readonly id: string, readonly email: string, readonly name: string }
  readonly project: { readonly id: string, readonly name: string, readonly role: Role }
}

/** One answer for an unknown e-mail, a wrong password and a disabled person, after the same time. */
function wrong(): AppError {
  return new AppError('wrong-credentials', 'E-mail or password is wrong.')
}

export function waitFor(seconds: number): AppError {
  return new AppError('rate-limited', `Too many failed tries. Try again in ${seconds} s.`, { retryAfter: seconds })
}

/** Begins a session for one project. */
export async function signIn(domain: Domain, access: Access, origin: Origin, { email, password, project: wanted, cookie = false }: Login): Promise<SignedIn> {
  const attempt = access.guard.attempt(email, origin.sourceIp)
  const person = await findPersonByEmail(domain.store.db, email.trim())
  if (!attempt.allowed) {
    if (attempt.begins)
      note(domain, access, person, origin, 'too many failures')
    throw waitFor(attempt.retryAfter)
  }
  const fits = await access.passwords.verify(password, person?.password_hash)
  if (!person || !fits || person.is_disabled) {
    note(domain, access, person, origin, person?.is_disabled && fits
      ? 'disabled'
      : 'wrong password')
    throw wrong()
  }
  attempt.succeeded()
  const project = await chooseProject(domain.store.db, person, wanted)
  const session = {
    id: randomUUID(),
    isCookie: cookie,
  }
  const refresh = makeRefreshToken()
  const actor = { label: person.email, kind: 'user' as const, origin }
  await change(domain, project, actor, async ({ tx, audit }) => {
    await forgetOldSessions(tx, person.id)
    await insertSession(tx, {
      id: session.id,
      person_id: person.id,
      project_id: project.id,
      is_cookie: cookie,
      expires_at: sessionEnd(new Date()),
    })
    await insertRefreshToken(tx, session.id, refresh.hash)
    await updatePerson(tx, person.id, {
      last_login_at: new Date(),
      last_project_id: project.id,
    })
    audit({ action: 'auth.login', target: `person/${person.email}` })
  })
  const issued = await access.tokens.issue({ personId: person.id, sessionId: session.id, projectId: project.id })
  return {
    ...issued,
    refreshToken: refresh.token,
    isCookie: cookie,
    user: { id: person.id, email: person.email, name: person.name },
    project,
  }
}

/** The project that was asked for, else the one used last, else the first by name. Asked after the password was right. */
export async function chooseProject(db: Db, person: Pick<PersonRow, 'id' | 'is_operator' | 'last_project_id'>, wanted: string | undefined): Promise<SignedIn['project']> {
  const memberships = await membershipsOf(db, person.id)
  const own = wanted === undefined
    ? memberships.find(({ id }) => id === person.last_project_id) ?? memberships[0]
    : memberships.find(({ name }) => name === wanted)
  if (person.is_operator) {
    const found = wanted !== undefined
      ? own ?? await findProjectByName(db, wanted)
      : (person.last_project_id !== null
          ? await findProject(db, person.last_project_id)
          : undefined) ?? own ?? await findFirstProject(db)
    if (!found)
      throw invalid('/project', 'There is no project of that name. Leave it out to get the one used last.')
    return { id: found.id, name: found.name, role: 'admin' }
  }
  if (!own) {
    throw invalid('/project', wanted === undefined
      ? 'You are not a member of any project. Ask an operator or an admin of a project to add you.'
      : 'You are not a member of a project of that name.')
  }
  return { id: own.id, name: own.name, role: own.role as Role }
}

/**
 * Writes a refused sign-in down, where there is a project to write it down in. Not waited for: it must not tell by
 * its time that the e-mail is known.
 */
function note(domain: Domain, access: Access, person: PersonRow | undefined, origin: Origin, reason: string): void {
  const projectId = person?.last_project_id
  if (!person || !projectId)
    return
  access.background.run('the audit entry of a refused sign-in', (async () => {
    const project = await findProject(domain.store.db, projectId)
    if (project) {
      await change(domain, project, { label: person.email, kind: 'anonymous', origin }, async ({ audit }) => audit({
        action: 'auth.login',
        target: `person/${person.email}`,
        outcome: 'denied',
        changes: { reason },
      }))
    }
  })())
}
