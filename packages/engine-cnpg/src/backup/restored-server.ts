import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { Origin, ReplayEnd } from '../manifests/bootstrap.ts'
import type { ArchiveView } from './archive.ts'
import type { DrillRecord, FirstAnswer } from './drill-record.ts'
import { EngineError } from '@howdah/engine'
import { formatLsn, lineOf, maintenanceDatabase, parseLsn, segmentAt, segmentName } from '@howdah/postgres'
import { ApiError } from '../kubernetes/api.ts'
import { linesOf } from '../kubernetes/lines.ts'
import { pathOf, resources } from '../kubernetes/objects.ts'

const mostLines = 2_000
const longestReason = 500
/** What an archive is asked for to see whether it answers. */
const anySegment = '000000010000000000000001'

/** Log in to what was restored, and ask where its replay ended: the history of its timeline says so. A sentence: it does not answer yet. */
export async function firstAnswer(db: Database, { begunAt }: DrillRecord): Promise<FirstAnswer | string> {
  try {
    const { history, version } = await readHistory(db)
    const lsn = history.trim().split('\n').at(-1)?.split('\t')[1] ?? ''
    return { recoveryTimeMs: Date.now() - begunAt.getTime(), serverVersion: version, lsn }
  }
  catch (error) {
    if (error instanceof EngineError && error.code === 'unavailable')
      return error.message
    throw error
  }
}

/** What a server that was made from this lacks of it; undefined: nothing. Throws `unavailable` when it does not answer. */
export async function shortfallOf(db: Database, origin: Origin | undefined): Promise<string | undefined> {
  return origin?.kind === 'archive' && origin.end ? shortfallIn((await readHistory(db)).history, origin.end) : undefined
}

/** Each timeline that was begun since goes on from where the one before ended; the first of them from where the replay did. */
export function shortfallIn(history: string, { lsn, timeline }: ReplayEnd): string | undefined {
  const ends = lineOf(0, history, undefined).forks.filter(fork => fork.timeline >= timeline)
  const [first] = ends
  if (!first)
    return `Its replay did not go along timeline ${timeline}, which its archive has: the history of that could not be read there.`
  const short = ends.find(end => end.lsn < (parseLsn(lsn) ?? 0n))
  return short && `Its replay ended at ${formatLsn(short.lsn)}, and its archive goes on to ${lsn}: there, segment ${segmentName({ timeline: short.timeline, number: segmentAt(short.lsn) })} of its WAL or the next one is missing or damaged, or could not be read for a moment.`
}

/** How the timeline began that the server is on: empty for the first one. */
async function readHistory(db: Database): Promise<{ readonly history: string, readonly version: string }> {
  const [row] = await db.asSuperuser(maintenanceDatabase, async session => await session.query<{ history: string | null, version: string }>(`
    select pg_read_file('pg_wal/' || lpad(upper(to_hex(timeline_id)), 8, '0') || '.history', 0, 1000000, true) as history,
      split_part(current_setting('server_version'), ' ', 1) as version
    from pg_control_checkpoint()`))
  return { history: row?.history ?? '', version: row?.version ?? '' }
}

/** What the pod that restores said last of why it failed. It goes with its log. Throws where the archive is away: then nothing is known of what is in it. */
export async function whyNotRestored(installation: Installation, db: Database, archive: Pick<ArchiveView, 'hasSegment'>): Promise<string> {
  await archive.hasSegment(anySegment)
  const failed = db.seen.pods.filter(pod => !pod.isInstance && pod.trouble)
  for (const { name } of failed.toReversed()) {
    const [manager, plugin] = await Promise.all(['full-recovery', 'plugin-barman-cloud'].map(async container => await readErrors(installation, db.namespace, name, container)))
    const reason = manager?.postgresql ?? plugin?.barman ?? manager?.manager
    if (reason !== undefined)
      return `It cannot be restored. ${reason.slice(0, longestReason)}`
  }
  return 'It cannot be restored, and the pod that tried does not say why.'
}

/** The last of each kind. */
interface Errors {
  readonly postgresql?: string
  readonly barman?: string
  /** Of the instance manager, which mostly passes on what another one said. */
  readonly manager?: string
}

async function readErrors({ api }: Installation, namespace: string, pod: string, container: string): Promise<Errors> {
  let errors: Errors = {}
  try {
    const stream = await api.stream(`${pathOf(resources.pod, { namespace, name: pod })}/log`, { query: { container, tailLines: String(mostLines) }, signal: AbortSignal.timeout(30_000) })
    for await (const line of linesOf(stream))
      errors = { ...errors, ...errorIn(line) }
  }
  catch (error) {
    // It is gone already, or never began.
    if (!(error instanceof ApiError && (error.status === 400 || error.status === 404)))
      throw error
  }
  return errors
}

/** The instance manager's line, with PostgreSQL's record or Barman's own line in it, as far as they are read. */
interface Line {
  readonly level?: string
  readonly logger?: string
  readonly msg?: string
  readonly error?: string
  readonly record?: { readonly error_severity?: string, readonly sql_state_code?: string, readonly message?: string }
}

export function errorIn(text: string): Errors {
  let line: Line
  try {
    line = JSON.parse(text) as Line // the instance manager's documented shape
  }
  catch (error) {
    if (error instanceof SyntaxError)
      return {}
    throw error
  }
  const { error, level, logger, msg = '', record } = line
  if (record) {
    // Who asks too early is told so in the same way.
    const isFatal = (record.error_severity === 'FATAL' || record.error_severity === 'PANIC') && record.sql_state_code?.startsWith('57P') !== true
    return isFatal ? { postgresql: `PostgreSQL: ${record.message}.` } : {}
  }
  const [, said] = logger === 'barman-cloud-restore' ? /\bERROR: (.+)/.exec(msg) ?? [] : []
  if (said !== undefined)
    return { barman: `Barman: ${said.replaceAll(/\S*\/(?=base\/)/g, '').replace(/ for server \S+$/, '')}.` }
  return level === 'error' && error ? { manager: `The operator: ${msg}: ${error}.` } : {}
}
