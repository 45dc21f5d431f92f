import { computed, ref, shallowRef } from 'vue'
import { explain } from '../utils/explain.ts'

/** One thing that a person sends: whether it is on its way, and what was wrong with it, field by field. */
export function useSubmit<Args extends unknown[], Result>(send: (...args: Args) => Promise<Result>) {
  const isBusy = ref(false)
  const error = shallowRef<unknown>()
  const explanation = computed(() => error.value === undefined ? undefined : explain(error.value))
  return {
    isBusy,
    error,
    explanation,
    fieldError: (pointer: string) => explanation.value?.fields[pointer],
    /** The answer, or undefined when it was refused: then `error` says why. */
    submit: async (...args: Args): Promise<Result | undefined> => {
      if (isBusy.value)
        return undefined
      isBusy.value = true
      error.value = undefined
      try {
        return await send(...args)
      }
      catch (caught) {
        error.value = caught
        return undefined
      }
      finally {
        isBusy.value = false
      }
    },
    reset: () => error.value = undefined,
  }
}
