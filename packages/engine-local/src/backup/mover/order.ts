import type { EngineErrorCode } from '@howdah/engine'
import type { Account } from '../../account.ts'
import type { ArchiveFile } from '../../archive/archive-file.ts'
import type { Stored } from '../blocks.ts'

/** What the thread is to do. */
export type Order = { readonly archive: ArchiveFile, readonly backup: string, readonly data: string }
  & ({ readonly verb: 'store', readonly files: readonly string[] } | { readonly verb: 'fetch', readonly account: Account | undefined })

/** What it says: what it waits for, how many bytes it has moved, and last how it ended. */
export type Word = { readonly say: string } | { readonly bytes: number } | { readonly done: Stored | undefined } | { readonly failed: Failure }

/** An error as it goes from one thread to another. */
export interface Failure {
  readonly name: string
  readonly message: string
  readonly code: EngineErrorCode | string | undefined
}
