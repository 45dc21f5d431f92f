import type { Project } from '@howdah/sdk'

type Quota = Project['quota']

export const quotaFields = [
  { name: 'databases', label: 'Databases' },
  { name: 'storageGib', label: 'Storage, GiB' },
  { name: 'memoryMib', label: 'Memory, MiB' },
  { name: 'cpu', label: 'CPU, cores' },
] as const satisfies readonly { name: keyof Quota, label: string }[]

/** Texts as they are typed; empty: no limit. */
export type QuotaDraft = Record<keyof Quota, string>

export function quotaDraft(quota: Quota | undefined): QuotaDraft {
  const text = (name: keyof Quota) => String(quota?.[name] ?? '')
  return { databases: text('databases'), storageGib: text('storageGib'), memoryMib: text('memoryMib'), cpu: text('cpu') }
}

/** What a field may hold: JSON has no word for what is no number, and its null would be no limit. */
export const plainNumber = String.raw`\d+(\.\d+)?`

export function toQuota(draft: QuotaDraft): Quota {
  const limit = (name: keyof Quota) => draft[name].trim() === '' ? null : Number(draft[name])
  return { databases: limit('databases'), storageGib: limit('storageGib'), memoryMib: limit('memoryMib'), cpu: limit('cpu') }
}
