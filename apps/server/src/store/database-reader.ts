import type pg from 'pg'
import type { DatabaseRow } from './databases.ts'

/** Reads one row; whoever asks for the same row again gets the same object, as long as it has not changed. */
export type DatabaseReader = (projectId: string, name: string) => Promise<Readonly<DatabaseRow> | undefined>

interface Wanted { readonly key: string, readonly projectId: string, readonly name: string, readonly resolve: (row: DatabaseRow | undefined) => void, readonly reject: (error: unknown) => void }
interface Known { readonly version: string, readonly row: DatabaseRow }
type VersionedRow = DatabaseRow & { row_version: string }

/** With a row of 3 KB each, some 10 MB. */
const mostKnown = 4000
/** More would only make the batches smaller. */
const mostStatements = 2

const join = 'from unnest($1::uuid[], $2::text[]) with ordinality as wanted(project_id, name, n) join databases d on d.project_id = wanted.project_id and d.name = wanted.name'
const askVersions = `select wanted.n::int, d.xmin ${join}`
const askRows = `select d.*, d.xmin as row_version ${join}`

/**
 * Reads single databases for many requests at once. Requests that come in while a statement is under way share the
 * next one; none is answered by a statement that was sent before it asked, so each answer is as fresh as one of its
 * own would be. What a statement asks for is the version of a row (the transaction that wrote it): the row itself
 * crosses the wire only when it changed.
 */
export function databaseReader(pool: pg.Pool): DatabaseReader {
  const known = new Map<string, Known>()
  let waiting: Wanted[] = []
  let statements = 0
  let isScheduled = false

  // Versions are unique within the life of a store. One that was put back to an earlier time has only new connections.
  pool.on('connect', () => known.clear())

  function schedule(): void {
    if (isScheduled || waiting.length === 0 || statements >= mostStatements)
      return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      void flush()
    })
  }

  async function flush(): Promise<void> {
    const batch = waiting
    waiting = []
    statements++
    try {
      const distinct = [...new Map(batch.map(item => [item.key, item])).values()]
      const rows = await read(distinct)
      for (const item of batch)
        item.resolve(rows.get(item.key))
    }
    catch (error) {
      for (const item of batch)
        item.reject(error)
    }
    finally {
      statements--
      schedule()
    }
  }

  async function read(wanted: readonly Wanted[]): Promise<Map<string, DatabaseRow>> {
    const found = new Map<string, DatabaseRow>()
    const changed: Wanted[] = []
    const { rows } = await pool.query<[number, string]>({ name: 'databases.versions', text: askVersions, values: valuesOf(wanted), rowMode: 'array' })
    for (const [n, version] of rows) {
      const item = wanted[n - 1]!
      const entry = known.get(item.key)
      if (entry?.version === version)
        found.set(item.key, entry.row)
      else
        changed.push(item)
    }
    if (changed.length > 0) {
      for (const row of await readRows(changed))
        found.set(keyOf(row.project_id, row.name), row)
    }
    return found
  }

  async function readRows(wanted: readonly Wanted[]): Promise<DatabaseRow[]> {
    const { rows } = await pool.query<VersionedRow>({ name: 'databases.rows', text: askRows, values: valuesOf(wanted) })
    return rows.map(({ row_version: version, ...row }) => {
      const key = keyOf(row.project_id, row.name)
      known.delete(key)
      known.set(key, { version, row })
      if (known.size > mostKnown)
        known.delete(known.keys().next().value!)
      return row
    })
  }

  return (projectId, name) => new Promise((resolve, reject) => {
    waiting.push({ key: keyOf(projectId, name), projectId, name, resolve, reject })
    schedule()
  })
}

function keyOf(projectId: string, name: string): string {
  return `${projectId} ${name}`
}

function valuesOf(wanted: readonly Wanted[]): [string[], string[]] {
  return [wanted.map(item => item.projectId), wanted.map(item => item.name)]
}
