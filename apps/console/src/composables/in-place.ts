import type { Operation, Plan, Restore } from '@howdah/sdk'
import { client } from './session.ts'

/** What a database becomes, where it is and as who it is. */
export type InPlace = { readonly kind: 'restore', readonly body: Restore } | { readonly kind: 'undo' } | { readonly kind: 'reset' }

export async function planInPlace(name: string, what: InPlace, signal: AbortSignal): Promise<Plan> {
  const options = { dryRun: true, signal } as const
  switch (what.kind) {
    case 'restore': return await client.databases.restore(name, what.body, options)
    case 'undo': return await client.databases.undoRestore(name, options)
    case 'reset': return await client.databases.reset(name, options)
  }
}

export async function runInPlace(name: string, what: InPlace): Promise<Operation> {
  switch (what.kind) {
    case 'restore': return await client.databases.restore(name, what.body)
    case 'undo': return await client.databases.undoRestore(name)
    case 'reset': return await client.databases.reset(name)
  }
}
