import type { Inventory } from './inventory.ts'

/** How far a rehearsal is. In an annotation of the Cluster in which it is made, so that whoever comes next goes on with it. */
export interface RehearsalRecord {
  readonly id: string
  /** Major version that is tried. */
  readonly version: number
  readonly begunAt: Date
  /** Who rehearses writes a later moment in time; after this one it was given up, and is removed. */
  readonly until: Date
  /** What was in it before; undefined: not counted yet. */
  readonly before?: Inventory
  /** When its servers were stopped. */
  readonly stoppedAt?: Date
  /** When one of the new version answered. */
  readonly answeredAt?: Date
}

const moments = new Set(['begunAt', 'until', 'stoppedAt', 'answeredAt'])

export function rehearsalText(record: RehearsalRecord): string {
  return JSON.stringify(record)
}

/** What cannot be read is no rehearsal's, and is left alone. */
export function parseRehearsal(text: string | undefined): RehearsalRecord | undefined {
  if (text === undefined)
    return undefined
  try {
    return JSON.parse(text, (key, value: unknown) => moments.has(key) && typeof value === 'string' ? new Date(value) : value) as RehearsalRecord // our own annotation
  }
  catch (error) {
    if (error instanceof SyntaxError)
      return undefined
    throw error
  }
}
