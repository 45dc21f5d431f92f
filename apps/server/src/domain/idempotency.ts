import type { Buffer } from 'node:buffer'
import type { Principal } from './caller.ts'
import type { Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { createHash } from 'node:crypto'
import { claimIdempotencyKey, findIdempotentAnswer, storeIdempotentAnswer } from '../store/idempotency.ts'
import { canonicalJson } from './audit-chain.ts'
import { AppError } from './errors.ts'

/** A key as one caller used it for one method and path; others may use the same text for something else. */
export interface IdempotencyKey {
  readonly scope: string
  readonly key: string
  readonly requestHash: Buffer
}

export function idempotencyKey(principal: Principal, method: string, url: string, key: string, body: unknown): IdempotencyKey {
  const who = principal.apiKeyId ?? principal.personId
  const [path] = url.split('?')
  return {
    scope: `${principal.project.id} ${who} ${method} ${path}`,
    key,
    requestHash: createHash('sha256').update(canonicalJson([url, body ?? null])).digest(),
  }
}

/** What is remembered of an answer: all of it that the next one has to repeat. */
export interface RememberedAnswer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The answer given before; undefined for a new key. Refuses a key that was used for another request. */
export async function replay(domain: Domain, idempotency: IdempotencyKey): Promise<RememberedAnswer | undefined> {
  const found = await findIdempotentAnswer(domain.store.db, idempotency.scope, idempotency.key)
  if (!found?.response)
    return undefined
  if (!found.request_hash.equals(idempotency.requestHash)) {
    throw new AppError('idempotency-conflict', 'This Idempotency-Key was used for a request with another body. Use a new key for a new request.', {
      errors: [
        { pointer: '#Idempotency-Key', detail: 'Used before for another request' },
      ],
    })
  }
  // As `remember` wrote it.
  const { body, headers = {} } = JSON.parse(domain.box.open(found.response, place(idempotency))) as Omit<RememberedAnswer, 'status'>
  return { status: found.status, body, headers }
}

/** Hooks that write the answer in the transaction of the change itself; undefined without a key. */
export function remember<T>(domain: Domain, idempotency: IdempotencyKey | undefined, render: (value: T) => RememberedAnswer): Remember<T> | undefined {
  if (!idempotency)
    return undefined
  const { scope, key, requestHash } = idempotency
  return {
    begin: tx => claimIdempotencyKey(tx, scope, key, requestHash),
    async finish(tx, value) {
      const { status, body, headers } = render(value)
      await storeIdempotentAnswer(tx, scope, key, status, domain.box.seal(JSON.stringify({ body, headers }), place(idempotency)))
    },
  }
}

function place(idempotency: IdempotencyKey) {
  return { project: idempotency.scope, owner: idempotency.key, field: 'idempotent answer' }
}
