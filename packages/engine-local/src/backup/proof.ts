import type { BackupProof, Progress } from '@howdah/engine'
import type { Archive } from '../archive/archive.ts'
import { Buffer } from 'node:buffer'
import { backupIds } from './manifest.ts'

type Stored = Omit<BackupProof, 'at' | 'reachedAt'> & { readonly at: string, readonly reachedAt: string | null }

/** What the last drill with a backup found; undefined when there was none. It lies beside the backup, and goes with it. */
export async function readProof(archive: Archive, backup: string): Promise<BackupProof | undefined> {
  const found = await archive.get(pathOf(backup))
  if (!found)
    return undefined
  const proof = JSON.parse(found.content.toString()) as Stored // sealed by us
  return { ...proof, at: new Date(proof.at), reachedAt: proof.reachedAt === null ? null : new Date(proof.reachedAt) }
}

/** The proof that this drill left, whichever backup it was about. */
export async function findProof(archive: Archive, drill: string): Promise<BackupProof | undefined> {
  const proofs = await Promise.all((await backupIds(archive)).map(async backup => await readProof(archive, backup)))
  return proofs.find(proof => proof?.drill === drill)
}

export function verdictOf({ isGood, message }: BackupProof): Progress {
  return isGood
    ? { outcome: 'done' }
    : { outcome: 'failed', step: '', reason: 'DrillFailed', message: `The newest backup is not good: ${message}`, nextStep: 'Take a new backup, and drill again. What an older backup reaches may still be restored.' }
}

export async function writeProof(archive: Archive, backup: string, proof: BackupProof): Promise<void> {
  await archive.put(pathOf(backup), Buffer.from(JSON.stringify(proof)), proof.at)
}

function pathOf(backup: string): string {
  return `base/${backup}/proof`
}
