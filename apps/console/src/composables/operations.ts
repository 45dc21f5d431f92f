import type { Operation } from '@howdah/sdk'
import type { MaybeRefOrGetter } from 'vue'
import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, toValue } from 'vue'
import { keys } from './keys.ts'
import { client } from './session.ts'

export interface OperationFilter {
  readonly database: string
  readonly phase: string
}

/** Work of the project, newest first. */
export function useOperationList(filter: MaybeRefOrGetter<OperationFilter>) {
  return useInfiniteQuery({
    queryKey: computed(() => keys.operationList(toValue(filter))),
    queryFn: ({ pageParam, signal }) => {
      const { database, phase } = toValue(filter)
      return client.operations.list({
        ...(database && { database }),
        // The address may hold anything; the server says what is not a phase.
        ...(phase && { phase: [phase as Operation['phase']] }),
      }, { signal }).page(pageParam)
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: before => before,
  })
}

export function useOperation(id: MaybeRefOrGetter<string | null>) {
  return useQuery({
    queryKey: computed(() => keys.operation(toValue(id) ?? '')),
    queryFn: ({ signal }) => client.operations.get(toValue(id) ?? '', { signal }),
    enabled: computed(() => toValue(id) !== null),
  })
}
