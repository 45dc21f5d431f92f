import type { FastifyRequest } from 'fastify'
import type { Access } from '../../domain/access.ts'
import type { Services } from '../services.ts'
import { AppError } from '../../domain/errors.ts'
import { isSameOrigin, sessionCookie } from '../cookies.ts'

/** Makes `Services.authenticate`: an access token or an API key as Bearer, or the cookie of the console. */
export function createAuthenticate({ principals }: Pick<Access, 'principals'>, publicUrl: () => string): Services['authenticate'] {
  return async (request) => {
    const { authorization } = request.headers
    if (authorization !== undefined) {
      const [, credential] = /^Bearer +(\S{1,4096})$/i.exec(authorization) ?? []
      if (credential === undefined)
        throw new AppError('unauthenticated', 'The Authorization header must be: Bearer, a space, and a token or an API key.')
      return await principals.of(credential)
    }
    const cookie = request.cookies[sessionCookie]
    if (!cookie)
      return undefined
    if (!isSafe(request) && !isSameOrigin(request, publicUrl()))
      throw new AppError('unauthenticated', 'The session cookie is accepted for changes only from pages of this address. Programs send the token as Authorization: Bearer.')
    return await principals.of(cookie)
  }
}

function isSafe({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}
