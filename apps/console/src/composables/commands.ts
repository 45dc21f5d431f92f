import type { Database } from '@howdah/sdk'
import type { Component, Ref } from 'vue'
import { Database as DatabaseIcon, FileText, Plus, Zap } from '@lucide/vue'
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useRouter } from 'vue-router'
import { databaseTabs } from '../utils/database-tabs.ts'
import { keys } from './keys.ts'
import { isPaletteOpen } from './palette.ts'
import { client, useSession } from './session.ts'
import { themes, useTheme } from './theme.ts'

export interface Command {
  readonly key: string
  readonly label: string
  readonly kind: string
  readonly icon: Component
  readonly run: () => void
}

const most = 40

/** What the palette offers for a text: databases, their pages, the pages of the project, and actions. */
export function useCommands(text: Ref<string>) {
  const router = useRouter()
  const { may } = useSession()
  const { choose } = useTheme()
  const wanted = computed(() => text.value.trim().toLowerCase().split(/\s+/).filter(Boolean))
  // The server searches: there may be thousands. The last word may name a page of the database.
  const name = computed(() => wanted.value[0]?.slice(0, 40) ?? '')
  const { data } = useQuery({
    queryKey: computed(() => keys.databaseList({ palette: name.value })),
    queryFn: async ({ signal }) => ({
      pages: [await client.databases.list({ limit: 10, ...(name.value && { q: name.value }) }, { signal }).page()],
      pageParams: [undefined],
    }),
    enabled: isPaletteOpen,
    placeholderData: before => before,
  })
  const found = computed<readonly Database[]>(() => data.value?.pages.flatMap(page => page.items) ?? [])

  function page(path: string, label: string): Command {
    return { key: path, label, kind: 'Page', icon: FileText, run: () => void router.push(path) }
  }
  const fixed: Command[] = [
    ...(may('databases.create') ? [{ key: 'create', label: 'Create a database', kind: 'Action', icon: Plus, run: () => void router.push('/databases/new') }] : []),
    page('/databases', 'Databases'),
    page('/operations', 'Operations'),
    page('/audit', 'Audit'),
    page('/access/members', 'Members'),
    page('/access/keys', 'API keys'),
    page('/settings', 'Settings'),
    ...themes.map(theme => ({ key: theme, label: `Theme: ${theme === 'system' ? 'as the system' : theme}`, kind: 'Action', icon: Zap, run: () => choose(theme) })),
  ]
  const commands = computed(() => [
    ...found.value.flatMap(database => databaseTabs(database.name).map(({ to, label }, index) => ({
      key: to,
      label: index === 0 ? database.name : `${database.name} ${label}`,
      kind: index === 0 ? database.phase : 'Page',
      icon: index === 0 ? DatabaseIcon : FileText,
      run: () => void router.push(to),
    })).slice(0, wanted.value.length > 0 ? undefined : 1)),
    ...fixed,
  ].filter(({ label }) => wanted.value.every(word => label.toLowerCase().includes(word))).slice(0, most))
  return { commands }
}
