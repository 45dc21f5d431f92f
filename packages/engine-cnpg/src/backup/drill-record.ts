/** How far a drill is. In an annotation of the Cluster that it restores into, so that whoever comes next goes on with it. */
export interface DrillRecord {
  readonly id: string
  /** Name of the object of the backup that it tries. */
  readonly backup: string
  /** Who drills writes a later moment in time; after this one it was given up, and is removed. */
  readonly until: Date
  readonly begunAt: Date
  /** When the row that has to be there was committed; undefined where no server ran that could. */
  readonly canaryAt: Date | undefined
  /** How long it took until the archive had that row. */
  readonly dataLossMs: number | undefined
  /** Up to when everything should be there. */
  readonly reaches: Date
  /** What the restored server said first; undefined until it did. */
  readonly answer: FirstAnswer | undefined
}

export interface FirstAnswer {
  /** A control plane that was away meanwhile makes it longer. */
  readonly recoveryTimeMs: number
  readonly serverVersion: string
  /** Where the replay ended. */
  readonly lsn: string
}

const moments = new Set(['until', 'begunAt', 'canaryAt', 'reaches'])

export function drillText(record: DrillRecord): string {
  return JSON.stringify(record)
}

/** What cannot be read is no drill's, and is left alone. */
export function parseDrill(text: string | undefined): DrillRecord | undefined {
  if (text === undefined)
    return undefined
  try {
    return JSON.parse(text, (key, value: unknown) => moments.has(key) && typeof value === 'string' ? new Date(value) : value) as DrillRecord // our own annotation
  }
  catch (error) {
    if (error instanceof SyntaxError)
      return undefined
    throw error
  }
}
