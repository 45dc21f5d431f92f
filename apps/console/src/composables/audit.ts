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
}

const outcomes = ['success', 'denied', 'failure'] as const
export type AuditListing = ReturnType<HowdahClient['audit']['list']>

/** The entries that a filter keeps, newest first. */
function auditListing({ database, actor, action, outcome }: AuditFilter, signal?: AbortSignal): AuditListing {
  const known = outcomes.find(one => one === outcome)
  const filter = { ...(actor && { actor }), ...(action && { action }), ...(known && { outcome: known }) }
  const options = signal ? { signal } : {}
  return database ? client.databases.logs(database, filter, options) : client.audit.list(filter, options)
}

export function useAudit(filter: MaybeRefOrGetter<AuditFilter>) {
  return useInfiniteQuery({
    queryKey: computed(() => keys.audit(toValue(filter))),
    queryFn: ({ pageParam, signal }) => auditListing(toValue(filter), signal).page(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: before => before,
    // No event tells of entries, so what was read a moment ago is old.
    staleTime: 0,
  })
}

/** More than a person reads; whoever needs all takes the API. */
const mostExported = 100_000

export async function exportAudit(filter: AuditFilter): Promise<AuditEntry[]> {
  return await auditListing(filter).toArray(mostExported)
}
