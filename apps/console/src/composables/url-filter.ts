import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** Set in the same moment: one navigation takes them all. Undefined leaves one out of the address. */
let pending: Record<string, string | undefined> | undefined

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
      if (pending) {
        pending[name] = value || undefined
        return
      }
      pending = { [name]: value || undefined }
      queueMicrotask(() => {
        const query = { ...route.query, ...pending }
        pending = undefined
        void router.replace({ query })
      })
    },
  })
}
