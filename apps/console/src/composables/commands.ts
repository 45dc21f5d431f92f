import type { Database } from '@howdah/sdk'
import type { Component, Ref } from 'vue'
import type { DatabaseActionName } from './databases.ts'
import { ArrowLeftRight, Database as DatabaseIcon, FileText, KeyRound, Moon, Play, Plus, RotateCw, Trash2, Zap } from '@lucide/vue'
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useRouter } from 'vue-router'
import { databasePath, databaseTabs, deletedPath } from '../utils/database-tabs.ts'
import { databaseActions, whyNot } from './databases.ts'
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
const actionNames = Object.keys(databaseActions) as DatabaseActionName[] // The record has every name as a key.
/** Words that say what to do or where to go rather than with which database. */
const vocabulary = [...databaseTabs(''), ...Object.values(databaseActions)].flatMap(({ label }) => label.toLowerCase().split(/\W+/))
const icons = { 'restart': RotateCw, 'switchover': ArrowLeftRight, 'hibernate': Moon, 'resume': Play, 'rotate-credentials': KeyRound, 'delete': Trash2 } as const

/** What the palette offers for a text: databases, their pages, the pages of the project, and actions. */
export function useCommands(text: Ref<string>) {
  const router = useRouter()
  const { may } = useSession()
  const { choose } = useTheme()
  const wanted = computed(() => text.value.trim().toLowerCase().split(/\s+/).filter(Boolean))
  // The server searches: there may be thousands. Another word may name a page of the database, or what to do with it.
  const name = computed(() => (wanted.value.find(word => !vocabulary.some(known => known.startsWith(word))) ?? wanted.value[0] ?? '').slice(0, 40))
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
    page(deletedPath, 'Deleted databases'),
    page('/operations', 'Operations'),
    page('/audit', 'Audit'),
    page('/access/members', 'Members'),
    page('/access/keys', 'API keys'),
    ...(may('platform.manage') ? [page('/administration/people', 'People'), page('/administration/projects', 'Projects')] : []),
    page('/settings', 'Settings'),
    ...themes.map(theme => ({ key: theme, label: `Theme: ${theme === 'system' ? 'as the system' : theme}`, kind: 'Action', icon: Zap, run: () => choose(theme) })),
  ]
  /** What its phase and the person's role allow; the page then asks before it is done. */
  function actionsOf(database: Database): Command[] {
    return actionNames.filter(action => !whyNot(database, action, may(databaseActions[action].right))).map(action => ({
      key: `${database.name} ${action}`,
      label: `${databaseActions[action].label} ${database.name}`,
      kind: 'Action',
      icon: icons[action],
      run: () => void router.push({ path: databasePath(database.name), query: { do: action } }),
    }))
  }
  const commands = computed(() => [
    ...found.value.flatMap(database => [...databaseTabs(database.name).map(({ to, label }, index) => ({
      key: to,
      label: index === 0 ? database.name : `${database.name} ${label}`,
      kind: index === 0 ? database.phase : 'Page',
      icon: index === 0 ? DatabaseIcon : FileText,
      run: () => void router.push(to),
    })), ...actionsOf(database)].slice(0, wanted.value.length > 0 ? undefined : 1)),
    ...fixed,
  ].filter(({ label }) => wanted.value.every(word => label.toLowerCase().includes(word))).slice(0, most))
  return { commands }
}
