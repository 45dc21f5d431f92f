import { ref } from 'vue'

const isVisible = ref(!document.hidden)
document.addEventListener('visibilitychange', () => isVisible.value = !document.hidden)

/** False: the tab lies behind others, and nobody looks at it. */
export function useVisible() {
  return isVisible
}
