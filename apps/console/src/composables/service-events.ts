import type { MaybeRefOrGetter } from 'vue'
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, toValue } from 'vue'
import { keys } from './keys.ts'
import { client } from './session.ts'

const severities = ['info', 'warning', 'error'] as const

export interface EventFilter {
  /** At least this; empty: all. */
  readonly severity: string
  readonly from: string
  readonly to: string
}

/** What happened to a database, newest first. */
export function useServiceEvents(name: MaybeRefOrGetter<string>, filter: MaybeRefOrGetter<Partial<EventFilter>>) {
  return useInfiniteQuery({
    queryKey: computed(() => [...keys.events(toValue(name)), toValue(filter)]),
    queryFn: ({ pageParam, signal }) => {
      const { severity, from, to } = toValue(filter)
      const least = severities.find(known => known === severity)
      return client.databases.serviceLogs(toValue(name), { ...(least && { severity: least }), ...(from && { from }), ...(to && { to }) }, { signal }).page(pageParam)
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: before => before,
  })
}
