import type { LogPage, LogQuery } from '@howdah/engine'
import type { Database } from './database.ts'
import type { Installation } from './installation.ts'
import type { PodRecord } from './log-record.ts'
import { Buffer } from 'node:buffer'
import { EngineError } from '@howdah/engine'
import { matchesLogQuery } from '@howdah/postgres'
import { ApiError } from './kubernetes/api.ts'
import { linesOf } from './kubernetes/lines.ts'
import { pathOf, resources } from './kubernetes/objects.ts'
import { parseLine } from './log-record.ts'

/** Lines of each instance that are looked through. A node keeps some 10 MB of a pod's log, which is about as many. */
const mostLines = 20_000

/** A page of the logs of all instances in one order, newest first. It reaches back as far as the nodes keep them. */
export async function readLogs(installation: Installation, db: Database, query: LogQuery): Promise<LogPage> {
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor)
  const members = db.seen.pods.filter(pod => pod.isInstance)
  const all = (await Promise.all(members.map(async ({ name }) => await readMember(installation, db, name, query.from)))).flat()
  const wanted = all
    .filter(({ record }) => matchesLogQuery(record, query) && !(query.from && record.at < query.from))
    .map(found => ({ found, key: keyOf(found) }))
    .sort((a, b) => a.key < b.key ? 1 : -1)
    .filter(({ key }) => after === undefined || key < after)
  const page = wanted.slice(0, query.limit)
  const last = page.at(-1)
  return {
    records: page.map(({ found }) => found.record),
    nextCursor: last && wanted.length > page.length ? Buffer.from(last.key).toString('base64url') : null,
  }
}

async function readMember({ api }: Installation, { namespace }: Database, member: string, from: Date | undefined): Promise<PodRecord[]> {
  const records: PodRecord[] = []
  try {
    const stream = await api.stream(`${pathOf(resources.pod, { namespace, name: member })}/log`, {
      query: { container: 'postgres', tailLines: String(mostLines), ...from ? { sinceTime: from.toISOString() } : {} },
      signal: AbortSignal.timeout(30_000),
    })
    for await (const line of linesOf(stream)) {
      const record = parseLine(member, line)
      if (record)
        records.push(record)
    }
  }
  catch (error) {
    // An instance that has not begun, or is being replaced, has no log now.
    if (!(error instanceof ApiError && (error.status === 400 || error.status === 404)))
      throw error
  }
  return records
}

/** Sorts as time does; no two records have the same. */
function keyOf({ line, record, session }: PodRecord): string {
  return [record.at.toISOString(), record.member, session, String(line).padStart(10, '0')].join('|')
}

function parseCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString()
  if (!/^\d{4}-\d\d-\d\dT[\d:.]{12}Z\|[a-z0-9-]{1,63}\|[0-9a-f.]{0,64}\|\d{10,16}$/.test(key))
    throw new EngineError('invalid', 'This cursor is not from an earlier page of this log.', { pointer: '/cursor' })
  return key
}
