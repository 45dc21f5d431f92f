import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SignedIn } from '../domain/sign-in.ts'

/** The access token and the refresh token of a browser's session. Scripts cannot read either. */
export const sessionCookie = 'howdah_session'
export const refreshCookie = 'howdah_refresh'
const refreshPath = '/api/auth'
/** Longer than any session lives: the store says when it ends. */
const refreshMaxAgeSeconds = 90 * 24 * 60 * 60

function attributes(publicUrl: string) {
  return {
    httpOnly: true,
    sameSite: 'strict',
    secure: publicUrl.startsWith('https:'),
  } as const
}

export function setSessionCookies(reply: FastifyReply, publicUrl: string, { token, expiresAt, refreshToken }: SignedIn): void {
  reply.setCookie(sessionCookie, token, {
    ...attributes(publicUrl),
    path: '/',
    expires: expiresAt,
  })
  reply.setCookie(refreshCookie, refreshToken, {
    ...attributes(publicUrl),
    path: refreshPath,
    maxAge: refreshMaxAgeSeconds,
  })
}

export function clearSessionCookies(reply: FastifyReply, publicUrl: string): void {
  reply.clearCookie(sessionCookie, {
    ...attributes(publicUrl),
    path: '/',
  })
  reply.clearCookie(refreshCookie, {
    ...attributes(publicUrl),
    path: refreshPath,
  })
}

/**
 * True when a browser says that a page of our own origin sent the request. A page of another origin cannot forge
 * either header. A request without both comes from no browser that has cookies of ours.
 */
export function isSameOrigin(request: FastifyRequest, publicUrl: string): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined)
    return site === 'same-origin'
  return request.headers.origin === publicUrl
}
