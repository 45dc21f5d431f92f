import type { Role } from '@howdah/contract'
import type { Background } from './background.ts'
import type { Principal } from './caller.ts'
import type { Domain } from './domain.ts'
import type { Tokens } from './tokens.ts'
import { hash } from 'node:crypto'
import { roles } from '@howdah/contract'
import { apiKeyRights, touchApiKey } from '../store/api-keys.ts'
import { sessionRights } from '../store/sessions.ts'
import { hashOfApiKey, isApiKey } from './api-key-format.ts'
import { actionsOf } from './caller.ts'
import { AppError } from './errors.ts'
import { createLru } from './lru.ts'

const mostRemembered = 20_000
/** A connection that died without a word is found within 15 s (store/listener.ts); rights that it missed end with this. */
const rememberMs = 30_000
const touchEveryMs = 60_000

/** What is heard of changed rights; store/listener.ts is one. */
export interface AccessNews {
  /** Called with the id of a person, project, session or key whose rights changed. */
  readonly onAccess: (listener: (id: string) => void) => () => void
  /** False: news may be missed, nothing that is remembered can be trusted. */
  readonly isListening: () => boolean
  readonly onResume: (listener: () => void) => () => void
}

/** Who a credential stands for now. */
export interface Principals {
  /** Of an access token or an API key. Throws `unauthenticated`. */
  of: (credential: string) => Promise<Principal>
  /** Forgets everything about a person, project, session or key whose rights this process has just changed. */
  forget: (id: string) => void
  close: () => void
}

interface Remembered {
  readonly principal: Principal
  /** Milliseconds since 1970, when the store has to be asked again. */
  readonly until: number
  touchedAt: number
}

/**
 * Rights are what the store says now, not what a token said when it was made. They are remembered by the
 * credential's hash and forgotten when any process says that they changed.
 */
export function createPrincipals(domain: Domain, tokens: Tokens, news: AccessNews, background: Background): Principals {
  const remembered = createLru<Remembered>(mostRemembered, (key, { principal }) => unlink(key, principal))
  // Id of a person, project, session or key → what is remembered about it.
  const about = new Map<string, Set<string>>()
  // Counts the news: rights that were read while some came in may be older than them.
  let newsCount = 0

  function idsOf({ personId, sessionId, apiKeyId, project }: Principal): string[] {
    return [personId, project.id, sessionId ?? apiKeyId!]
  }
  function unlink(key: string, principal: Principal): void {
    for (const id of idsOf(principal)) {
      const keys = about.get(id)
      keys?.delete(key)
      if (keys?.size === 0)
        about.delete(id)
    }
  }
  function remember(key: string, entry: Remembered): void {
    remembered.set(key, entry)
    for (const id of idsOf(entry.principal))
      about.set(id, (about.get(id) ?? new Set()).add(key))
  }
  function forget(id: string): void {
    newsCount++
    for (const key of [
      ...about.get(id) ?? [],
    ]) {
      const entry = remembered.get(key)
      remembered.delete(key)
      if (entry)
        unlink(key, entry.principal)
    }
  }
  function forgetAll(): void {
    newsCount++
    remembered.clear()
    about.clear()
  }
  const stops = [
    news.onAccess(forget),
    news.onResume(forgetAll),
  ]

  async function ofToken(token: string, key: string): Promise<{ principal: Principal, expiresAt: number }> {
    const { personId, sessionId, projectId, expiresAt } = await tokens.verify(token, key)
    const rights = await sessionRights(domain.store.db, sessionId, personId, projectId)
    const role = rights?.isOperator
      ? 'admin'
      : roleOf(rights?.role)
    if (!rights || !role)
      throw new AppError('unauthenticated', 'The session has ended. Sign in again.')
    const { email, isOperator, projectName } = rights
    return {
      principal: {
        kind: 'user',
        personId,
        sessionId,
        apiKeyId: null,
        label: email,
        isOperator,
        project: { id: projectId, name: projectName },
        role,
        actions: actionsOf(role, isOperator, null),
      },
      expiresAt,
    }
  }

  async function ofApiKey(apiKey: string): Promise<{ principal: Principal, expiresAt: number }> {
    const rights = await apiKeyRights(domain.store.db, hashOfApiKey(apiKey))
    const makerRole = rights?.makerIsOperator
      ? 'admin'
      : roleOf(rights?.makerRole)
    const keyRole = roleOf(rights?.role)
    if (!rights || !makerRole || !keyRole)
      throw new AppError('unauthenticated', 'There is no such API key, or it was revoked.')
    const expiresAt = rights.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY
    if (expiresAt <= Date.now())
      throw new AppError('unauthenticated', 'The API key has expired. Make a new one.')
    // A key never allows more than its maker may do now.
    const role = roles[Math.min(roles.indexOf(keyRole), roles.indexOf(makerRole))]!
    const isOperator = rights.makerIsOperator && carriesOperator(role, rights.scopes)
    return {
      principal: {
        kind: 'api-key',
        personId: rights.personId,
        sessionId: null,
        apiKeyId: rights.id,
        label: rights.name,
        isOperator,
        project: { id: rights.projectId, name: rights.projectName },
        role,
        actions: actionsOf(role, isOperator, rights.scopes),
      },
      expiresAt,
    }
  }

  function touch(entry: Remembered): void {
    const { apiKeyId } = entry.principal
    const now = Date.now()
    if (apiKeyId === null || now - entry.touchedAt < touchEveryMs)
      return
    entry.touchedAt = now
    background.run('noting the last use of an API key', touchApiKey(domain.store.db, apiKeyId))
  }

  return {
    async of(credential) {
      const key = hash('sha256', credential, 'base64')
      const known = news.isListening()
        ? remembered.get(key)
        : undefined
      if (known && known.until > Date.now()) {
        touch(known)
        return known.principal
      }
      const before = newsCount
      const { principal, expiresAt } = isApiKey(credential)
        ? await ofApiKey(credential)
        : await ofToken(credential, key)
      const entry = {
        principal,
        until: Math.min(expiresAt, Date.now() + rememberMs),
        touchedAt: known?.touchedAt ?? 0,
      }
      if (news.isListening() && newsCount === before)
        remember(key, entry)
      touch(entry)
      return principal
    },
    forget,
    close() {
      for (const stop of stops) stop()
    },
  }
}

/** Operator rights are never part of a key by accident: its maker asked for the action by name. */
export function carriesOperator(role: Role, scopes: readonly string[] | null): boolean {
  return role === 'admin' && scopes !== null && scopes.includes('platform.manage')
}

/** The store holds what the program wrote; a role of a later release is no role here. */
function roleOf(text: string | null | undefined): Role | undefined {
  return roles.find(role => role === text)
}
