/**
 * TypeScript client of the Howdah API, for Node >= 20 and browsers.
 *
 * It knows the contract's generated types and nothing else of the workspace; it has no dependency and imports no
 * module of Node. Whatever waits has a deadline and can be ended by a signal. What is repeated by itself is safe to
 * repeat. What goes wrong is one of five errors, told apart by class and, for `HowdahError`, by `code`.
 */
export type { CallOptions, Changed, ChangeOptions, CreateOptions, DatabaseDeleteOptions, DatabaseUpdateOptions, UpdateOptions } from './call.ts'
export type { ClientOptions, HowdahClient } from './client.ts'
export { createClient } from './client.ts'
export type { ErrorCode, FieldProblem } from './errors.ts'
export { ConnectionError, DeadlineError, HowdahError, isHowdahError, OperationError, PhaseError } from './errors.ts'
export type { FollowOptions } from './follow.ts'
export type { Listing, Page } from './listing.ts'
export type * from './models.ts'
export type { MakeOptions } from './resources/access.ts'
export { hasEnded } from './resources/operations.ts'
export type { RetryPolicy } from './retry.ts'
export type { Exchange, SessionProvider, Tokens, TokenStore } from './session.ts'
export { cookieSession, memoryTokenStore, tokenSession, tokensOf } from './session.ts'
export type { WaitOptions } from './wait.ts'
