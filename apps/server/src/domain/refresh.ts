import type { Tx } from '../store/db.ts'
import type { Access } from './access.ts'
import type { Origin } from './caller.ts'
import type { Domain } from './domain.ts'
import type { RefreshToken } from './refresh-token.ts'
import type { SignedIn } from './sign-in.ts'
import { findPerson, updatePerson } from '../store/people.ts'
import { findProject } from '../store/projects.ts'
import { endSessions, extendSession, findRefreshToken, findSession, insertRefreshToken, isLive, lockSession, useRefreshToken } from '../store/sessions.ts'
import { AppError } from './errors.ts'
import { nextRefreshToken, parseRefreshToken } from './refresh-token.ts'
import { changeRights } from './rights.ts'
import { sessionEnd } from './session-life.ts'
import { chooseProject } from './sign-in.ts'

/**
 * Two tabs of one browser, or a client whose answer was lost, send the same token twice. Within this time the second
 * one gets the same new token as the first. A thief who is as quick gains nothing that stays unnoticed: there is one
 * line of tokens, and whoever of the two comes second with the next one ends the session for both.
 */
const graceSeconds = 10

function ended(): AppError {
  return new AppError('unauthenticated', 'The session has ended. Sign in again.')
}

/** Exchanges a refresh token for new tokens, and for another project where one is asked for. */
export async function refreshSession(domain: Domain, access: Access, origin: Origin, text: string, wanted: string | undefined): Promise<SignedIn> {
  const { db } = domain.store
  const presented = parseRefreshToken(text)
  const known = presented && await findRefreshToken(db, presented.hash)
  const session = known && await findSession(db, known.sessionId)
  const person = session && await findPerson(db, session.person_id)
  const former = session && await findProject(db, session.project_id)
  if (!presented || !session || !person || !former || !isLive(session) || person.is_disabled)
    throw ended()

  const actor = { label: person.email, kind: 'user' as const, origin }
  const result = await changeRights(domain, access, former, actor, async ({ tx, audit, forget }) => {
    const locked = await lockSession(tx, session.id)
    if (!locked || !isLive(locked))
      return undefined
    const token = await succeed(domain, tx, session.id, presented)
    if (!token) {
      await endSessions(tx, { id: session.id })
      forget(session.id)
      audit({
        action: 'auth.refresh',
        target: `person/${person.email}`,
        outcome: 'denied',
        changes: { reason: 'a refresh token was used twice' },
      })
      return undefined
    }
    // A project that is refused undoes all of it: the token is still good for another try.
    const project = await chooseProject(tx, person, wanted ?? former.name)
    await extendSession(tx, session.id, project.id, sessionEnd(session.created_at))
    if (project.id !== former.id) {
      await updatePerson(tx, person.id, { last_project_id: project.id })
      audit({ action: 'auth.switch', target: `project/${project.name}` })
    }
    return { token, project }
  })
  if (!result)
    throw ended()
  const { token, project } = result
  const issued = await access.tokens.issue({ personId: person.id, sessionId: session.id, projectId: project.id })
  return {
    ...issued,
    refreshToken: token.token,
    isCookie: session.is_cookie,
    user: { id: person.id, email: person.email, name: person.name },
    project,
  }
}

/** The token that is good after this one; undefined when this one was used before and is out of grace. */
async function succeed(domain: Domain, tx: Tx, sessionId: string, presented: RefreshToken): Promise<RefreshToken | undefined> {
  let current = presented
  for (;;) {
    const use = await findRefreshToken(tx, current.hash)
    if (!use)
      return undefined
    if (use.usedSecondsAgo === null)
      break
    if (use.usedSecondsAgo > graceSeconds)
      return undefined
    current = nextRefreshToken(domain.box, current.token)
  }
  if (current !== presented)
    return current
  const next = nextRefreshToken(domain.box, presented.token)
  await useRefreshToken(tx, presented.hash)
  await insertRefreshToken(tx, sessionId, next.hash)
  return next
}
