import { ref, watchEffect } from 'vue'

/** Read out by whoever cannot see that the page has changed. */
export const pageTitle = ref('')

/** The title of the browser's tab and of the history's entry. */
export function usePageTitle(title: () => string): void {
  watchEffect(() => {
    pageTitle.value = title()
    document.title = `${pageTitle.value} · Howdah`
  })
}
