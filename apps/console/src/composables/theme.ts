import { ref, watchEffect } from 'vue'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = typeof themes[number]

const key = 'howdah-theme'
const system = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = ref(system.matches)
system.addEventListener('change', ({ matches }) => systemIsDark.value = matches)

const theme = ref(themes.find(known => known === localStorage.getItem(key)) ?? 'system')

watchEffect(() => {
  const isDark = theme.value === 'system' ? systemIsDark.value : theme.value === 'dark'
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
})

/** Light and dark by the system, or as the person chose on this device. */
export function useTheme() {
  return {
    theme,
    choose: (next: Theme) => {
      theme.value = next
      localStorage.setItem(key, next)
    },
  }
}
