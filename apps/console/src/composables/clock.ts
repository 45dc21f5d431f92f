import { ref } from 'vue'

const now = ref(Date.now())
setInterval(() => now.value = Date.now(), 5000)

/** The present time, for "3 minutes ago": one timer for the whole page. */
export function useClock() {
  return now
}
