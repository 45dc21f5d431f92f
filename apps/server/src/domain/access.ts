import type { Background } from './background.ts'
import type { NoteDenial } from './denials.ts'
import type { Domain } from './domain.ts'
import type { LoginGuard } from './login-guard.ts'
import type { Passwords } from './passwords.ts'
import type { AccessNews, Principals } from './principals.ts'
import type { Tokens } from './tokens.ts'
import { createBackground } from './background.ts'
import { createDenials } from './denials.ts'
import { createLoginGuard } from './login-guard.ts'
import { createPrincipals } from './principals.ts'
import { createTokens } from './tokens.ts'

/** What signing in and checking credentials work with. Made once, in compose.ts. */
export interface Access {
  readonly passwords: Passwords
  readonly tokens: Tokens
  readonly principals: Principals
  readonly guard: LoginGuard
  readonly background: Background
  readonly noteDenial: NoteDenial
  /** Call after the last request and before the store is closed. */
  readonly close: () => Promise<void>
}

/** `installationId`: from `prepareInstallation`. `now`: the clock by which guessing is slowed down. */
export function createAccess(domain: Domain, options: { installationId: string, passwords: Passwords, news: AccessNews, now?: () => number }): Access {
  const tokens = createTokens(domain.box, options.installationId)
  const background = createBackground(domain.log)
  const principals = createPrincipals(domain, tokens, options.news, background)
  return {
    passwords: options.passwords,
    tokens,
    principals,
    guard: createLoginGuard(options.now),
    background,
    noteDenial: createDenials(domain, background),
    async close() {
      principals.close()
      await background.settle()
    },
  }
}
