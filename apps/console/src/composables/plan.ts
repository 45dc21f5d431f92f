import type { Plan } from '@howdah/sdk'
import type { MaybeRefOrGetter } from 'vue'
import { isHowdahError } from '@howdah/sdk'
import { useQuery } from '@tanstack/vue-query'
import { computed, ref, toValue, watch } from 'vue'

/** Typing must not ask the server for every letter. */
const pauseMs = 250

/** What a change would do, asked of the server as the person types. Undefined `body`: there is nothing to ask yet. */
export function usePlan<Body extends object>(what: string, body: MaybeRefOrGetter<Body | undefined>, ask: (body: Body, signal: AbortSignal) => Promise<Plan>) {
  const wanted = computed(() => JSON.stringify(toValue(body) ?? null))
  const asked = ref(wanted.value)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(wanted, (now) => {
    clearTimeout(timer)
    timer = setTimeout(() => asked.value = now, pauseMs)
  })
  const query = useQuery({
    queryKey: computed(() => ['plan', what, asked.value]),
    // It was made from a body by the line above.
    queryFn: ({ signal }) => ask(JSON.parse(asked.value) as Body, signal),
    enabled: computed(() => asked.value !== 'null'),
    gcTime: 0,
    staleTime: 0,
    retry: false,
  })
  const isCurrent = computed(() => asked.value === wanted.value && wanted.value !== 'null')
  return {
    plan: computed(() => isCurrent.value ? query.data.value : undefined),
    error: computed(() => isCurrent.value && query.error.value ? query.error.value : undefined),
    /** What the server says about one field of the body. */
    fieldProblem: (pointer: string) => isCurrent.value && isHowdahError(query.error.value)
      ? query.error.value.errors.find(problem => problem.pointer === pointer || problem.pointer.startsWith(`${pointer}/`))?.detail
      : undefined,
  }
}
