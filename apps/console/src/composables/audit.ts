import type { AuditEntry, HowdahClient } from '@howdah/sdk'
import type { MaybeRefOrGetter } from 'vue'
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, toValue } from 'vue'
import { keys } from './keys.ts'
import { client } from './session.ts'

export interface AuditFilter {
  /** Empty: the whole project. */
  readonly database: string
  readonly actor: string
  readonly action: string
  readonly outcome: string
  readonly from: string
  readonly to: string
}

const outcomes = ['success', 'denied', 'failure'] as const
type AuditListing = ReturnType<HowdahClient['audit']['list']>
const largestPage = 200

/** The entries that a filter keeps, newest first. */
function auditListing({ database, actor, action, outcome, from, to }: AuditFilter, options: { signal?: AbortSignal, limit?: number }): AuditListing {
  const known = outcomes.find(one => one === outcome)
  const filter = {
    ...(actor && { actor }),
    ...(action && { action }),
    ...(known && { outcome: known }),
    ...(from && { from }),
    ...(to && { to }),
    ...(options.limit && { limit: options.limit }),
  }
  const call = options.signal ? { signal: options.signal } : {}
  return database ? client.databases.logs(database, filter, call) : client.audit.list(filter, call)
}

export function useAudit(filter: MaybeRefOrGetter<AuditFilter>) {
  return useInfiniteQuery({
    queryKey: computed(() => keys.audit(toValue(filter))),
    queryFn: ({ pageParam, signal }) => auditListing(toValue(filter), { signal }).page(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: before => before,
    // No event tells of entries, so what was read a moment ago is old.
    staleTime: 0,
  })
}

/** Everything that the filter keeps, not only what is shown, page by page. */
export function auditPages(filter: AuditFilter, signal: AbortSignal): AsyncGenerator<{ readonly items: readonly AuditEntry[] }> {
  return auditListing(filter, { signal, limit: largestPage }).pages()
}
