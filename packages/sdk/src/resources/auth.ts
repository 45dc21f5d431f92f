import type { CallOptions } from '../call.ts'
import type { Me, Schemas, Session } from '../models.ts'
import type { Transport } from '../transport.ts'

/** Sign-in: `client.auth`. */
export function auth(transport: Transport) {
  return {
    /** Sign in for one project. `cookie: true` keeps the tokens in HttpOnly cookies. */
    login: (body: Schemas['Login'], options?: CallOptions): Promise<Session> => transport.call('auth.login', { body }, options),

    /** New tokens, for the same project or another one. Sessions renew themselves; this is for switching. */
    refresh: (body: Schemas['Refresh'] = {}, options?: CallOptions): Promise<Session> => transport.call('auth.refresh', { body }, options),

    /** End the session. */
    logout: (options?: CallOptions): Promise<void> => transport.call('auth.logout', {}, options),

    /** Who am I, and what may I do here. */
    me: (options?: CallOptions): Promise<Me> => transport.call('auth.me', {}, options),

    /** Change the own password; ends all other sessions of the person. */
    changePassword: (body: Schemas['PasswordChange'], options?: CallOptions): Promise<void> => transport.call('auth.password', { body }, options),
  }
}

export type Auth = ReturnType<typeof auth>
