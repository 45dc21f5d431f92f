import type { ParameterObserved } from '@howdah/engine'
import type { Catalogue } from './catalogue.ts'
import type { Server } from './server.ts'
import type { Settings } from './settings.ts'
import { maintenanceDatabase } from './names.ts'
import { isForUsers } from './parameter-catalogue.ts'

/** What users may set, with the values of the running server. */
export async function listParameters(db: Server, catalogue: Catalogue, applied: { readonly set: Settings, readonly defaults: Settings }): Promise<ParameterObserved[]> {
  const seen = await db.asSuperuser(maintenanceDatabase, async session =>
    // What a session of ours pinned for itself is not the server's value; the file's is.
    await session.query<{ name: string, value: string, pending: boolean }>(`
      select s.name, s.pending_restart as pending,
        case when s.source = 'client' then null else current_setting(s.name) end as value
      from pg_catalog.pg_settings s`))
  const values = new Map(seen.map(row => [row.name, row]))
  const { defaults, set } = applied
  return catalogue.settings.filter(isForUsers).map(setting => ({
    name: setting.name,
    value: values.get(setting.name)?.value ?? set[setting.name] ?? defaults[setting.name] ?? setting.shown,
    default: defaults[setting.name] ?? setting.shown,
    isChanged: Object.hasOwn(set, setting.name),
    type: setting.vartype,
    unit: setting.unit,
    min: numberOrNull(setting.min_val),
    max: numberOrNull(setting.max_val),
    enumValues: setting.enumvals,
    needsRestart: setting.context === 'postmaster',
    pendingRestart: values.get(setting.name)?.pending ?? false,
    category: setting.category,
    description: setting.short_desc,
  }))
}

function numberOrNull(text: string | null): number | null {
  return text === null
    ? null
    : Number(text)
}
