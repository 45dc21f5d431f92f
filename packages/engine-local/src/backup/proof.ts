import type { BackupProof } from '@howdah/engine'
import type { Archive } from '../archive/archive.ts'
import { Buffer } from 'node:buffer'
import { parseProof } from '@howdah/postgres'
import { backupIds } from './manifest.ts'

/** What the last drill with a backup found; undefined when there was none. It lies beside the backup, and goes with it. */
export async function readProof(archive: Archive, backup: string): Promise<BackupProof | undefined> {
  const found = await archive.get(pathOf(backup))
  return found && parseProof(found.content.toString())
}

/** The proof that this drill left, whichever backup it was about. */
export async function findProof(archive: Archive, drill: string): Promise<BackupProof | undefined> {
  const proofs = await Promise.all((await backupIds(archive)).map(async backup => await readProof(archive, backup)))
  return proofs.find(proof => proof?.drill === drill)
}

export async function writeProof(archive: Archive, backup: string, proof: BackupProof): Promise<void> {
  await archive.put(pathOf(backup), Buffer.from(JSON.stringify(proof)), proof.at)
}

function pathOf(backup: string): string {
  return `base/${backup}/proof`
}
