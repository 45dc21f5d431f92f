import type { Component } from 'vue'
import type { Command } from '../utils/command.ts'
import { ArrowRightLeft, FileText, KeyRound, LogOut, Plus, SunMoon } from '@lucide/vue'
import { computed } from 'vue'
import { useRouter } from 'vue-router'
import { deletedPath } from '../utils/database-tabs.ts'
import { explain } from '../utils/explain.ts'
import { useNotices } from './notices.ts'
import { useProjectSwitch } from './projects.ts'
import { useSession } from './session.ts'
import { themes, useTheme } from './theme.ts'

/** What the palette offers whatever database there is: the pages of the project, and what can be done on them. */
export function useProjectCommands() {
  const router = useRouter()
  const { may, me, project, signOut } = useSession()
  const { tell } = useNotices()
  const { choose } = useTheme()
  const enter = useProjectSwitch()

  function page(path: string, label: string): Command {
    return { key: path, label, kind: 'Page', icon: FileText, run: () => void router.push(path) }
  }
  function action(key: string, label: string, icon: Component, run: () => void): Command {
    return { key, label, kind: 'Action', icon, run }
  }
  /** Leads to where it is asked about. */
  function asking(path: string, label: string, icon: Component = Plus): Command {
    return action(path, label, icon, () => void router.push(path))
  }
  return computed(() => [
    ...may('databases.create') ? [asking('/databases/new', 'Create a database')] : [],
    page('/databases', 'Databases'),
    page(deletedPath, 'Deleted databases'),
    page('/operations', 'Operations'),
    page('/audit', 'Audit'),
    page('/access/members', 'Members'),
    page('/access/keys', 'API keys'),
    ...may('platform.manage') ? [page('/administration/people', 'People'), page('/administration/projects', 'Projects')] : [],
    page('/settings', 'Settings'),
    ...may('api-keys.manage') ? [asking('/access/keys?do=create', 'Create API key', KeyRound)] : [],
    ...may('members.manage') ? [asking('/access/members?do=add', 'Add member')] : [],
    ...may('platform.manage') ? [asking('/administration/people?do=add', 'Add person'), asking('/administration/projects?do=create', 'Create project')] : [],
    ...(me.value?.projects ?? []).filter(({ name }) => name !== project.value).map(({ name }) => action(`project ${name}`, `Switch to project ${name}`, ArrowRightLeft, () => void enter(name))),
    ...themes.map(theme => action(theme, `Theme: ${theme === 'system' ? 'as the system' : theme}`, SunMoon, () => choose(theme))),
    action('sign-out', 'Sign out', LogOut, () => void signOut().catch(error => tell(explain(error).title, 'bad'))),
  ])
}
