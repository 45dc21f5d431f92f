import type { Backup, DatabaseCreate, From, Restore, RestorePoint, RestoreWindow } from '@howdah/sdk'

/** The state of a database that another one can begin with: one of the ways in which `from` says it. */
export type MomentKind = 'latest' | 'at' | 'lsn' | 'name' | 'backup'
export interface Moment {
  readonly kind: MomentKind
  /** Empty for the latest, and while nothing is entered. */
  readonly value: string
}
export const latest: Moment = { kind: 'latest', value: '' }

export const momentLabels: Readonly<Record<MomentKind, string>> = {
  latest: 'The latest',
  at: 'A time',
  lsn: 'A position in the WAL',
  name: 'A restore point',
  backup: 'A backup',
}
export const momentKinds = Object.keys(momentLabels) as readonly MomentKind[] // The record has every kind as a key.

export function fromOf(database: string, { kind, value }: Moment): From {
  return { database, ...(kind !== 'latest' && { [kind]: value }) }
}

/** What a database becomes again; undefined for the latest, which it is. */
export function restoreOf({ kind, value }: Moment): Restore | undefined {
  return kind === 'latest' ? undefined : { [kind]: value }
}

/** The words for it in addresses and on the command line, where `name` is another one's. */
const words = { at: 'at', lsn: 'lsn', name: 'point', backup: 'backup' } as const
const exactKinds = ['at', 'lsn', 'name', 'backup'] as const

/** How it stands in an address: `?at=2026-11-30T11:59:00Z`. Undefined takes a word out of it. */
export function momentQuery({ kind, value }: Moment): Record<typeof words[keyof typeof words], string | undefined> {
  const none = { at: undefined, lsn: undefined, point: undefined, backup: undefined }
  return kind === 'latest' ? none : { ...none, [words[kind]]: value }
}

/** An address may hold anything: the first kind that it names counts. */
export function momentIn(query: Readonly<Record<string, unknown>>): Moment {
  for (const kind of exactKinds) {
    const value = query[words[kind]]
    if (typeof value === 'string')
      return { kind, value }
  }
  return latest
}

/** When it was, as far as that is known here. */
export function timeOf({ kind, value }: Moment, { window, backups, points }: { window: RestoreWindow, backups: readonly Backup[], points: readonly RestorePoint[] }): string | undefined {
  switch (kind) {
    case 'latest': return window.latest ?? undefined
    case 'at': return value || undefined
    case 'name': return points.find(({ name }) => name === value)?.at
    case 'backup': return backups.find(({ id }) => id === value)?.finishedAt
    case 'lsn': return undefined
  }
}

/** Why a time cannot be restored, and the nearest that can; undefined: it can, as far as is known here. */
export function whyNotTime(at: string, { earliest, latest: newest, gaps }: RestoreWindow): { readonly reason: string, readonly nearest: readonly string[] } | undefined {
  const time = Date.parse(at)
  if (earliest === null || newest === null)
    return { reason: 'There is no backup yet, so nothing can be restored', nearest: [] }
  if (time < Date.parse(earliest))
    return { reason: 'This is before the first moment that can be restored', nearest: [earliest] }
  if (time > Date.parse(newest))
    return { reason: 'This is after the last moment that can be restored', nearest: [newest] }
  const gap = gaps.find(({ from, to }) => time > Date.parse(from) && time < Date.parse(to))
  return gap && { reason: 'Here WAL is missing', nearest: [gap.from, gap.to] }
}

/** What `howdah restore` takes for it. */
export function momentFlag(from: NonNullable<DatabaseCreate['from']>): { readonly flag: string, readonly value: string } | undefined {
  for (const kind of exactKinds) {
    const value = from[kind]
    if (value !== undefined)
      return { flag: words[kind], value }
  }
  return undefined
}
