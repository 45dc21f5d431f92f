import type { DatabasePaths } from '../paths.ts'
import type { ServerKind } from '../state.ts'
import { readJson, writeAtomically } from '../files.ts'

/** The data that a database had before it was restored in place, or upgraded. It is in a folder beside its instances. */
export interface Kept {
  readonly format: 1
  /** Of the restore, or the upgrade. */
  readonly id: string
  /** RFC 3339. */
  readonly until: string
  /** What it was read by, where that is another major. */
  readonly before?: ServerKind
}

export function keptFolder({ id }: Pick<Kept, 'id'>): string {
  return `kept-${id}`
}

export async function readKept({ kept }: Pick<DatabasePaths, 'kept'>): Promise<Kept | undefined> {
  return await readJson(kept) as Kept | undefined // our own file, written whole
}

export async function writeKept({ kept: path }: Pick<DatabasePaths, 'kept'>, kept: Kept): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600, durable: true })
}
