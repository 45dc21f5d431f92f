import type { BackupProof, Progress } from '@howdah/engine'
import { DatabaseError } from 'pg'
import { DamagedData } from './data-checks.ts'

type Stored = Omit<BackupProof, 'at' | 'reachedAt'> & { readonly at: string, readonly reachedAt: string | null }

/** A proof as `JSON.stringify` wrote it. */
export function parseProof(text: string): BackupProof {
  const proof = JSON.parse(text) as Stored // our own writing
  return { ...proof, at: new Date(proof.at), reachedAt: proof.reachedAt === null ? null : new Date(proof.reachedAt) }
}

/** How the drill ended that left it. */
export function verdictOf({ isGood, message }: BackupProof): Progress {
  return isGood
    ? { outcome: 'done' }
    : { outcome: 'failed', step: '', reason: 'DrillFailed', message: `The newest backup is not good: ${message}`, nextStep: 'Take a new backup, and drill again. What an older backup reaches may still be restored.' }
}

/** What of an error says that the data is bad, rather than that it could not be looked at now. */
export function disproofOf(error: unknown): string | undefined {
  if (error instanceof DamagedData)
    return error.message
  // PostgreSQL's class of internal errors: among them pages whose checksums are wrong, and indexes that lead nowhere.
  if (error instanceof DatabaseError && error.code?.startsWith('XX'))
    return `PostgreSQL: ${error.message}`
  return undefined
}
