import type { Database, DatabaseUpdate } from '@howdah/sdk'
import type { Change } from './changes.ts'
import { changesBetween } from './changes.ts'

/** What a person can change of a database. */
export const specFields = ['labels', 'instances', 'storageGib', 'cpu', 'memoryMib', 'durability', 'parameters', 'extensions', 'allowedCidrs', 'backup', 'maintenanceWindow', 'expiresAt', 'deletionProtection'] as const

/** What an update changes of a version, as the server understands it: parameters, the policy of backups and the window are merged. */
export function changesOfUpdate(base: Database, update: DatabaseUpdate): Change[] {
  return changesBetween(base, {
    ...base,
    ...update,
    parameters: Object.fromEntries(Object.entries({ ...base.parameters, ...update.parameters }).filter(([, value]) => value !== null)),
    maintenanceWindow: { ...base.maintenanceWindow, ...update.maintenanceWindow },
    backup: base.backup && { ...base.backup, ...update.backup },
  }, specFields)
}
