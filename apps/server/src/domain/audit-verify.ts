import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { setImmediate as turn } from 'node:timers/promises'
import { auditHead, auditSlice } from '../store/audit.ts'
import { chainHash } from './audit-chain.ts'

/** A few milliseconds of hashing: requests come in between. */
const sliceSize = 500

export interface Verification {
  readonly ok: boolean
  readonly entries: number
  readonly headHash: string
  readonly firstBroken: { readonly id: number, readonly detail: string } | null
}

/**
 * Walks the project's chain from its beginning to where its head is now. Entries that are appended meanwhile are not
 * looked at. Stops at the first entry that is not right: everything after it depends on it.
 */
export async function verifyAudit(domain: Domain, { principal }: Caller): Promise<Verification> {
  const { db } = domain.store
  const projectId = principal.project.id
  const head = await auditHead(db, projectId)
  let id = 0
  let hash = ''
  const broken = (at: number, detail: string): Verification => ({ ok: false, entries: id, headHash: head.lastHash, firstBroken: { id: at, detail } })

  // The next slice is read while this one is hashed.
  let next = auditSlice(db, projectId, 0, sliceSize)
  while (id < head.lastId) {
    const rows = await next
    const last = rows.at(-1)
    next = last && last.id < head.lastId ? auditSlice(db, projectId, last.id, sliceSize) : Promise.resolve([])
    // Whoever returns below does not wait for it.
    next.catch(() => {})
    // Its statement is sent in this turn; without it the store would do nothing while we hash.
    await turn()
    if (!last)
      return broken(id + 1, `The entry is missing; the chain says that it has ${head.lastId}`)
    for (const row of rows) {
      if (row.id > head.lastId)
        break
      if (row.id !== id + 1)
        return broken(id + 1, 'The entry is missing')
      if (row.prevHash !== hash)
        return broken(row.id, 'It does not follow the entry before it')
      if (row.hash !== chainHash(hash, row))
        return broken(row.id, 'It was changed after it was written')
      id = row.id
      hash = row.hash
    }
  }
  if (hash !== head.lastHash)
    return broken(id, 'The chain ends with another entry than it says')
  if (head.newestId > id)
    return broken(id + 1, `The entry is there; the chain says that it has only ${head.lastId}`)
  return { ok: true, entries: id, headHash: hash, firstBroken: null }
}
