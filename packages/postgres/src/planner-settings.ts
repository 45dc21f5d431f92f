import type { UpgradeReport } from '@howdah/engine'
import type { Catalogue } from './catalogue.ts'
import { isForUsers } from './parameter-catalogue.ts'

/** By name, what a server plans queries with. */
export type PlannerSettings = Readonly<Record<string, string>>

export function plannerSettings({ settings }: Catalogue): PlannerSettings {
  return Object.fromEntries(settings.filter(setting => isForUsers(setting) && setting.category.startsWith('Query Tuning')).map(({ name, shown }) => [name, shown]))
}

/** Defaults of what queries are planned with that are others in the new major, where the user has set none. */
export function plannerChanges(before: PlannerSettings, next: PlannerSettings, own: Readonly<Record<string, string>>): UpgradeReport['planner'] {
  return [...new Set([...Object.keys(before), ...Object.keys(next)])].sort().map(name => ({ name, from: before[name] ?? null, to: next[name] ?? null })).filter(({ from, name, to }) => from !== to && !(name in own))
}
