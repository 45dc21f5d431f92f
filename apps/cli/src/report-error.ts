import type { Command } from './command.ts'
import type { Connection } from './connect/connection.ts'
import type { Paint } from './output/paint.ts'
import { ConnectionError, DeadlineError, HowdahError, OperationError, PhaseError } from '@howdah/sdk'
import { NotSignedIn } from './connect/connection.ts'
import { SignInInUse } from './connect/sign-in-in-use.ts'
import { outcomeOf } from './exit-codes.ts'
import { Missing } from './missing.ts'
import { printable } from './output/format.ts'
import { Interrupted } from './process-terminal.ts'
import { UsageError } from './usage-error.ts'

/** Where the error happened. */
export interface Scene {
  readonly command: Command | undefined
  readonly connection: Connection | undefined
  /** `howdah db create`. */
  readonly words: string
  readonly paint: Paint
}

/** Where the server's own sentence knows nothing of this command line. */
const nextSteps: Partial<Record<HowdahError['code'], string>> = {
  'unauthenticated': 'Sign in again: `howdah login`.',
  'stale': 'Someone else changed it meanwhile. Look at it, and try again.',
  'deletion-protected': 'Turn the protection off first: `howdah db update NAME --no-protect`.',
  'rate-limited': 'Wait a little, and try again.',
  'unavailable': 'Try again in a moment; `howdah status` tells how the server is.',
  'internal': 'Give the request id to whoever runs the server: it is in the server\'s log.',
}

/** What happened, which field, what next, and how to find it again. */
export function errorReport(error: unknown, scene: Scene): string {
  if (error instanceof Interrupted)
    return 'Interrupted.\n'
  const lines = [`${scene.paint('red', 'Error:')} ${printable(messageOf(error))}`]
  if (error instanceof HowdahError)
    lines.push(...error.errors.map(({ pointer, detail }) => `  ${[nameOf(pointer, scene.command), detail === error.detail ? '' : printable(detail)].filter(Boolean).join(': ')}`))
  const next = nextStepOf(error, scene)
  if (next)
    lines.push(`${scene.paint('bold', 'Next:')} ${printable(next)}`)
  if (error instanceof HowdahError && error.requestId)
    lines.push(scene.paint('dim', `Request ${error.requestId} (${error.code})${scene.connection ? `, sent to ${scene.connection.url}` : ''}`))
  if (scene.connection && ['denied', 'missing', 'unreachable'].includes(outcomeOf(error)))
    lines.push(scene.paint('dim', `Used: ${scene.connection.source}`))
  return `${lines.join('\n')}\n`
}

function messageOf(error: unknown): string {
  if (error instanceof HowdahError)
    return error.detail || error.title
  if (isExpected(error))
    return error.message
  return error instanceof Error ? error.stack ?? error.message : String(error)
}

function isExpected(error: unknown): error is Error {
  return [UsageError, NotSignedIn, SignInInUse, Missing, ConnectionError, OperationError, PhaseError, DeadlineError].some(type => error instanceof type)
}

/** The option or argument that sets a field, or the field itself. */
function nameOf(pointer: string, command: Command | undefined): string {
  if (pointer === '/project')
    return '--project (/project)'
  const parameter = Object.values(command?.parameters ?? {}).find(({ field }) => field !== undefined && (pointer === field || pointer.startsWith(`${field}/`)))
  const usage = parameter?.usage.replace(/^-\w, /, '').split(' ')[0]
  return usage ? `${usage.replace(/[<>[\]]/g, '')} (${pointer})` : pointer
}

function nextStepOf(error: unknown, scene: Scene): string {
  if (error instanceof UsageError)
    return error.nextStep || `See \`${scene.words} --help\`.`
  if (error instanceof NotSignedIn || error instanceof SignInInUse || error instanceof Missing || error instanceof ConnectionError || error instanceof OperationError)
    return error.nextStep
  if (error instanceof DeadlineError)
    return 'It goes on. Watch it with `howdah operation list`, or wait longer with --timeout.'
  return error instanceof HowdahError ? nextSteps[error.code] ?? '' : ''
}
