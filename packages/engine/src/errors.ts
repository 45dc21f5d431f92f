import type { BackupMethod } from './backups.ts'

/**
 * Why an engine could not do what it was asked. A closed set: the control plane maps each to a status of its API.
 * - `not-found`: no such database, role, logical database or log.
 * - `conflict`: something of that name is there and is not ours.
 * - `invalid`: PostgreSQL or the engine refuses the value; `pointer` says which.
 * - `unavailable`: it does not answer now; the same call may go through later.
 * - `exhausted`: no port, no disk space, no quota.
 * - `unsupported`: this engine cannot do it (see `Capabilities`).
 */
export type EngineErrorCode = 'not-found' | 'conflict' | 'invalid' | 'unavailable' | 'exhausted' | 'unsupported'

export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode
  /** JSON pointer of the field at fault, empty when none is. */
  readonly pointer: string

  /** `message` is shown to users: no secrets, no paths, and the next step where there is one. */
  constructor(code: EngineErrorCode, message: string, options: { pointer?: string, cause?: unknown } = {}) {
    super(message, options.cause === undefined
      ? undefined
      : { cause: options.cause })
    this.code = code
    this.pointer = options.pointer ?? ''
  }
}

/** When a database of ours was restarted last is part of its spec. */
export async function refuseRestart(ref: { readonly name: string }): Promise<never> {
  throw new EngineError('conflict', `"${ref.name}" is not delivered by somebody else: it restarts when its spec says so.`)
}

/** For an engine without snapshots. */
export function refuseSnapshot(method: BackupMethod): void {
  if (method === 'snapshot')
    throw new EngineError('invalid', 'This location takes no snapshots of volumes: what is possible is `archive`.', { pointer: '/method' })
}
