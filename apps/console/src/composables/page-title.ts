import { watchEffect } from 'vue'

/** The title of the browser's tab and of the history's entry. */
export function usePageTitle(title: () => string): void {
  watchEffect(() => document.title = `${title()} · Howdah`)
}
