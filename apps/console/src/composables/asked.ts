import { watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * The address may ask for something, as `?do=restart`: it is asked about as if its button had been pressed, and never
 * just done. What a page does not know is left to another part of it.
 */
export function useAsked(known: Readonly<Record<string, () => void>>): void {
  const route = useRoute()
  const router = useRouter()
  watch(() => route.query.do, (asked) => {
    if (typeof asked !== 'string' || !Object.hasOwn(known, asked))
      return
    known[asked]?.()
    void router.replace({ query: { ...route.query, do: undefined } })
  }, { immediate: true })
}
