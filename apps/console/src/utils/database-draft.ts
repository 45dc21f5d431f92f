import type { Capabilities, DatabaseCreate } from '@howdah/sdk'
import type { BackupDraft } from './backup-draft.ts'
import type { Moment } from './moment.ts'
import type { WindowDraft } from './window-draft.ts'
import { backupDraft, toPolicyChange } from './backup-draft.ts'
import { fromOf, latest } from './moment.ts'
import { toWindowChange, windowDraft } from './window-draft.ts'

/** What the form of a new database holds: texts as they are typed, so that nothing is lost while it is not right yet. */
export interface DatabaseDraft {
  name: string
  /** Name of the database that it begins as, or id of a deleted one; empty: it begins empty. */
  source: string
  moment: Moment
  location: string
  version: string
  instances: string
  storageGib: string
  cpu: string
  memoryMib: string
  durability: string
  labels: string
  parameters: string
  extensions: string
  allowedCidrs: string
  backup: BackupDraft
  maintenanceWindow: WindowDraft
  expiresAt: string
  deletionProtection: boolean
}

export function emptyDraft(): DatabaseDraft {
  return {
    name: '',
    source: '',
    moment: latest,
    location: '',
    version: '',
    instances: '',
    storageGib: '',
    cpu: '',
    memoryMib: '',
    durability: '',
    labels: '',
    parameters: '',
    extensions: '',
    allowedCidrs: '',
    backup: backupDraft(null),
    maintenanceWindow: windowDraft(null),
    expiresAt: '',
    deletionProtection: false,
  }
}

/** The request: only what was filled in, so that the server's defaults stay its own. */
export function toRequest(draft: DatabaseDraft): DatabaseCreate {
  const extensions = list(draft.extensions)
  const cidrs = list(draft.allowedCidrs)
  const labels = pairs(draft.labels)
  const parameters = pairs(draft.parameters)
  const backup = toPolicyChange(draft.backup, backupDraft(null))
  const maintenanceWindow = toWindowChange(draft.maintenanceWindow, windowDraft(null))
  return {
    name: draft.name.trim(),
    ...(draft.source && { from: fromOf(draft.source, draft.moment) }),
    ...(draft.location && { location: draft.location }),
    ...(draft.version && { version: Number(draft.version) }),
    ...(draft.instances && { instances: Number(draft.instances) }),
    ...(draft.storageGib && { storageGib: Number(draft.storageGib) }),
    ...(draft.cpu && { cpu: Number(draft.cpu) }),
    ...(draft.memoryMib && { memoryMib: Number(draft.memoryMib) }),
    // The choices come from the capabilities.
    ...(draft.durability && { durability: draft.durability as 'async' | 'sync' }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
    ...(extensions.length > 0 && { extensions }),
    ...(cidrs.length > 0 && { allowedCidrs: cidrs }),
    ...(backup && { backup }),
    ...(maintenanceWindow && { maintenanceWindow }),
    ...(draft.expiresAt && { expiresAt: draft.expiresAt }),
    ...(draft.deletionProtection && { deletionProtection: true }),
  }
}

/** What is wrong with a name, as far as it can be said without asking. */
export function nameProblem(name: string, { namePattern, reservedNames }: Pick<Capabilities, 'namePattern' | 'reservedNames'>): string | undefined {
  if (name === '')
    return undefined
  if (reservedNames.includes(name))
    return `"${name}" means something of its own; choose another name`
  if (name.length > 40)
    return 'At most 40 characters'
  if (!/^[a-z]/.test(name))
    return 'Begin with a lower-case letter'
  if (/[^a-z0-9-]/.test(name))
    return 'Only lower-case letters, digits and hyphens'
  if (name.endsWith('-'))
    return 'No hyphen at the end'
  return new RegExp(namePattern).test(name) ? undefined : 'This is not a valid name'
}

/** `a=b` lines or words → an object. */
export function pairs(text: string): Record<string, string> {
  return Object.fromEntries(text.split(/\n/).map(line => line.trim()).filter(Boolean).map((line) => {
    const [key = '', ...value] = line.split('=')
    return [key.trim(), value.join('=').trim()]
  }))
}

export function list(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))]
}

export function lines(values: Readonly<Record<string, string>>): string {
  return Object.entries(values).map(([key, value]) => `${key}=${value}`).join('\n')
}
