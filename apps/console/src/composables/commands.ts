import type { Database } from '@howdah/sdk'
import type { Component, Ref } from 'vue'
import type { Command } from '../utils/command.ts'
import type { DatabaseActionName } from './databases.ts'
import { ArrowLeftRight, CircleArrowUp, Database as DatabaseIcon, FileText, Flag, GitBranch, HardDriveDownload, KeyRound, Moon, Play, Plus, RotateCw, Trash2 } from '@lucide/vue'
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useRouter } from 'vue-router'
import { databasePath, databaseTabs } from '../utils/database-tabs.ts'
import { databaseActions, whyNot } from './databases.ts'
import { keys } from './keys.ts'
import { isPaletteOpen } from './palette.ts'
import { useProjectCommands } from './project-commands.ts'
import { client, useSession } from './session.ts'

const most = 40
const actionNames = Object.keys(databaseActions) as DatabaseActionName[] // The record has every name as a key.
const icons = { 'restart': RotateCw, 'switchover': ArrowLeftRight, 'hibernate': Moon, 'resume': Play, 'rotate-credentials': KeyRound, 'delete': Trash2 } as const
/** What else a page of a database asks about, by `?do=`: what it is called there, where, and who may when. */
const asks = [
  { ask: 'back-up', label: 'Back up', icon: HardDriveDownload, tab: 'backups', action: 'backup', rights: ['backups.manage'] },
  { ask: 'restore-point', label: 'Create restore point', icon: Flag, tab: 'backups', action: 'backup', rights: ['backups.manage'] },
  { ask: 'branch', label: 'Create branch', icon: GitBranch, tab: 'branches', action: 'backup', rights: ['databases.create', 'backups.manage'] },
  { ask: 'upgrade', label: 'Upgrade PostgreSQL', icon: CircleArrowUp, tab: 'settings', action: 'upgrade', rights: ['databases.operate'] },
  { ask: 'create-user', label: 'Create user', icon: Plus, tab: 'users', action: 'manage', rights: ['databases.manage'] },
  { ask: 'create-db', label: 'Create logical database', icon: Plus, tab: 'users', action: 'manage', rights: ['databases.manage'] },
] as const
/** Words that say what to do or where to go rather than with which database. */
const vocabulary = [...databaseTabs(''), ...Object.values(databaseActions), ...asks].flatMap(({ label }) => label.toLowerCase().split(/\W+/))

/** 0: a word is missing; 2: each begins a word of the label, so that "back up" is not first of all a part of "Backups". */
function fitOf(label: string, wanted: readonly string[]): number {
  if (!wanted.every(word => label.includes(word)))
    return 0
  const words = label.split(/\W+/)
  return wanted.every(word => words.some(known => known.startsWith(word))) ? 2 : 1
}

/** What the palette offers for a text: databases, their pages, what can be done to them, and what the project has besides. */
export function useCommands(text: Ref<string>) {
  const router = useRouter()
  const { may } = useSession()
  const ofProject = useProjectCommands()
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

  function pagesOf({ name, phase }: Database): Command[] {
    return databaseTabs(name).map(({ to, label }, index) => ({
      key: to,
      label: index === 0 ? name : `${name} ${label}`,
      kind: index === 0 ? phase : 'Page',
      icon: index === 0 ? DatabaseIcon : FileText,
      run: () => void router.push(to),
    }))
  }
  /** The page then asks before anything is done. */
  function asking(label: string, icon: Component, path: string, what: string): Command {
    return { key: `${path} ${what}`, label, kind: 'Action', icon, run: () => void router.push({ path, query: { do: what } }) }
  }
  /** What its phase and the person's role allow. */
  function actionsOf(database: Database): Command[] {
    const path = databasePath(database.name)
    return [
      ...actionNames.filter(action => !whyNot(database, action, may(databaseActions[action].right)))
        .map(action => asking(`${databaseActions[action].label} ${database.name}`, icons[action], path, action)),
      ...asks.filter(({ action, rights }) => !whyNot(database, action, rights.every(may)))
        .map(({ ask, label, icon, tab }) => asking(`${label}: ${database.name}`, icon, `${path}/${tab}`, ask)),
    ]
  }
  const commands = computed(() => [
    ...found.value.flatMap(database => [...pagesOf(database), ...actionsOf(database)].slice(0, wanted.value.length > 0 ? undefined : 1)),
    ...ofProject.value,
  ]
    .map(command => ({ command, fit: fitOf(command.label.toLowerCase(), wanted.value) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit)
    .slice(0, most)
    .map(({ command }) => command))
  return { commands }
}
