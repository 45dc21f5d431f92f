/** How far something is that is tried in a Cluster beside a database. In an annotation of that Cluster, so that whoever comes next goes on with it. */
export interface TrialRecord {
  readonly id: string
  readonly begunAt: Date
  /** Who tries it writes a later moment in time; after this one it was given up, and is removed. */
  readonly until: Date
}

/** Of all that is tried. */
const moments = new Set(['begunAt', 'until', 'canaryAt', 'reaches', 'stoppedAt', 'answeredAt'])

export function trialText(record: TrialRecord): string {
  return JSON.stringify(record)
}

/** What cannot be read is no trial's, and is left alone. */
export function parseTrial<R extends TrialRecord>(text: string | undefined): R | undefined {
  if (text === undefined)
    return undefined
  try {
    return JSON.parse(text, (key, value: unknown) => moments.has(key) && typeof value === 'string' ? new Date(value) : value) as R // our own annotation
  }
  catch (error) {
    if (error instanceof SyntaxError)
      return undefined
    throw error
  }
}
