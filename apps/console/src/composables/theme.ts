import { computed, ref, watchEffect } from 'vue'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = typeof themes[number]

const key = 'howdah-theme'
const system = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = ref(system.matches)
system.addEventListener('change', ({ matches }) => systemIsDark.value = matches)

const theme = ref(themes.find(known => known === localStorage.getItem(key)) ?? 'system')

const isDark = computed(() => theme.value === 'system' ? systemIsDark.value : theme.value === 'dark')

watchEffect(() => {
  document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light'
})

/** Light and dark by the system, or as the person chose on this device. */
export function useTheme() {
  return {
    theme,
    isDark,
    choose: (next: Theme) => {
      theme.value = next
      localStorage.setItem(key, next)
    },
  }
}
