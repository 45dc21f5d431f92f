import type { Metrics } from '@howdah/sdk'
import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue } from 'vue'
import { keys } from './keys.ts'
import { client } from './session.ts'

const hourMs = 3_600_000
/** As often as it is measured. */
const everyMs = 60_000

/** The last hours of a database, minute by minute. */
export function useMetrics(name: MaybeRefOrGetter<string>, hours: MaybeRefOrGetter<number>) {
  return useQuery<Metrics>({
    queryKey: computed(() => keys.metrics(toValue(name), toValue(hours))),
    queryFn: ({ signal }) => client.databases.metrics(toValue(name), { from: new Date(Date.now() - toValue(hours) * hourMs).toISOString() }, { signal }),
    refetchInterval: everyMs,
    staleTime: everyMs,
    placeholderData: before => before,
  })
}
