import type { MaybeRefOrGetter } from 'vue'
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, toValue } from 'vue'
import { keys } from './keys.ts'
import { client } from './session.ts'

const severities = ['info', 'warning', 'error'] as const

/** What happened to a database, newest first. `severity`: at least this; empty: all. */
export function useServiceEvents(name: MaybeRefOrGetter<string>, severity: MaybeRefOrGetter<string>) {
  return useInfiniteQuery({
    queryKey: computed(() => [...keys.events(toValue(name)), toValue(severity)]),
    queryFn: ({ pageParam, signal }) => {
      const least = severities.find(known => known === toValue(severity))
      return client.databases.serviceLogs(toValue(name), least ? { severity: least } : {}, { signal }).page(pageParam)
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: before => before,
  })
}
