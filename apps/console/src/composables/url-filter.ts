import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** A filter of a list that lives in the address: shareable, and kept by back and reload. */
export function useUrlFilter(name: string) {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => {
      const value = route.query[name]
      return (Array.isArray(value) ? value[0] : value) ?? ''
    },
    set: (value: string) => {
      // Undefined leaves it out of the address.
      void router.replace({ query: { ...route.query, [name]: value || undefined } })
    },
  })
}
