import type { EngineErrorCode } from '@howdah/engine'
import type { Account } from '../../account.ts'
import type { ArchiveFile } from '../../archive/archive-file.ts'
import type { Stored } from '../blocks.ts'

/** What is to be done. */
export type Order = { readonly archive: ArchiveFile, readonly backup: string, readonly data: string }
  & ({ readonly verb: 'store', readonly files: readonly string[] } | { readonly verb: 'fetch', readonly account: Account | undefined })

/** What is said of it: what it waits for, how many bytes are moved, and last how it ended. In JSON, as one process tells another. */
export type Word = { readonly say: string } | { readonly bytes: number } | { readonly done: Stored | null } | { readonly failed: Failure }

/** An error as it goes from one to another. */
export interface Failure {
  readonly name: string
  readonly message: string
  readonly code: EngineErrorCode | string | undefined
}
