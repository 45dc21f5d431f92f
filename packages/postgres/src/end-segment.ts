import type { Session } from './sessions.ts'
import { parseLsn, segmentBefore, segmentName, segmentOf } from './wal-names.ts'

/**
 * Have the segment of WAL end that is written to. Answers the last one that has ended: where nothing was written since another
 * session ended one, that is theirs. PostgreSQL says where the next one begins then, and since 17 its name is the next one's, which
 * may stay open for as long as nobody writes.
 */
export async function endSegment(session: Session): Promise<string> {
  const [ended] = await session.query<{ lsn: string, name: string }>('select lsn::text, pg_walfile_name(lsn) as name from pg_switch_wal() as lsn')
  const timeline = segmentOf(ended?.name ?? '')?.timeline
  const lsn = parseLsn(ended?.lsn ?? '')
  if (timeline === undefined || lsn === undefined)
    throw new Error('the server did not say where it is')
  return segmentName({ timeline, number: segmentBefore(lsn) })
}
