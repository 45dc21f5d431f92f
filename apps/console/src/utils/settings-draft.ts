import type { Database, DatabaseUpdate } from '@howdah/sdk'
import type { BackupDraft } from './backup-draft.ts'
import type { WindowDraft } from './window-draft.ts'
import { backupDraft, toPolicyChange } from './backup-draft.ts'
import { lines, list, pairs } from './database-draft.ts'
import { toWindowChange, windowDraft } from './window-draft.ts'

/** What the settings form holds, as it is typed. */
export interface SettingsDraft {
  storageGib: string
  memoryMib: string
  cpu: string
  instances: string
  durability: Database['durability']
  labels: string
  allowedCidrs: string
  backup: BackupDraft
  maintenanceWindow: WindowDraft
  /** Empty: it stays. */
  expiresAt: string
  deletionProtection: boolean
}

export function settingsDraft(database: Database): SettingsDraft {
  return {
    storageGib: String(database.storageGib),
    memoryMib: String(database.memoryMib ?? ''),
    cpu: String(database.cpu ?? ''),
    instances: String(database.instances),
    durability: database.durability,
    labels: lines(database.labels),
    allowedCidrs: database.allowedCidrs.join('\n'),
    backup: backupDraft(database.backup),
    maintenanceWindow: windowDraft(database.maintenanceWindow),
    expiresAt: database.expiresAt ?? '',
    deletionProtection: database.deletionProtection,
  }
}

/** Only what differs from the version that the form was filled from. */
export function toUpdate(draft: SettingsDraft, base: Database): DatabaseUpdate {
  const before = settingsDraft(base)
  const backup = toPolicyChange(draft.backup, before.backup)
  const maintenanceWindow = toWindowChange(draft.maintenanceWindow, before.maintenanceWindow)
  const isChanged = (name: keyof SettingsDraft) => draft[name] !== before[name]
  return {
    ...(isChanged('storageGib') && { storageGib: Number(draft.storageGib) }),
    ...(isChanged('memoryMib') && { memoryMib: Number(draft.memoryMib) }),
    ...(isChanged('cpu') && { cpu: Number(draft.cpu) }),
    ...(isChanged('instances') && { instances: Number(draft.instances) }),
    ...(isChanged('durability') && { durability: draft.durability }),
    ...(isChanged('labels') && { labels: pairs(draft.labels) }),
    ...(isChanged('allowedCidrs') && { allowedCidrs: list(draft.allowedCidrs) }),
    ...(backup && { backup }),
    ...(maintenanceWindow && { maintenanceWindow }),
    ...(isChanged('expiresAt') && { expiresAt: draft.expiresAt || null }),
    ...(isChanged('deletionProtection') && { deletionProtection: draft.deletionProtection }),
  }
}
