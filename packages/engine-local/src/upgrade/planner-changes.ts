import type { UpgradeReport } from '@howdah/engine'
import type { Catalogue } from '@howdah/postgres'
import { isForUsers } from '@howdah/postgres'

/** Defaults of what queries are planned with that are others in the new major, where the user has set none. */
export function plannerChanges(before: Catalogue, next: Catalogue, own: Readonly<Record<string, string>>): UpgradeReport['planner'] {
  const [old, young] = [before, next].map(({ settings }) => new Map(settings.filter(setting => isForUsers(setting) && setting.category.startsWith('Query Tuning')).map(({ name, shown }) => [name, shown])))
  const names = [...new Set([...old?.keys() ?? [], ...young?.keys() ?? []])].sort()
  return names
    .map(name => ({ name, from: old?.get(name) ?? null, to: young?.get(name) ?? null }))
    .filter(({ from, name, to }) => from !== to && !(name in own))
}
