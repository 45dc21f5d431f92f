import type { Place } from './place.ts'
import { join } from 'node:path'
import { formatLsn, lineOf } from '@howdah/postgres'
import { newestHistory } from './archive-inherited.ts'
import { lossInWords, lostBytes } from './loss.ts'
import { setTopology } from './topology.ts'

/** Tell of a failover, and of what it lost, once it is over; also of one that an earlier process did not live to tell of. */
export async function tellFailover({ db, event }: Place): Promise<void> {
  const { topology } = db
  if (!topology?.failover || !topology.isPromoted)
    return
  const { began, broughtBytes, end, from } = topology.failover
  // As PostgreSQL has it on record: nothing before it is lost.
  const fork = lineOf(0, await newestHistory(join(db.paths.data, 'pg_wal')), undefined).forks.at(-1)?.lsn ?? 0n
  const lost = lostBytes(end, fork)
  event('failover.done', lost === 0 && end.kind === 'at-most' ? 'warning' : 'error', `${db.memberName(from)} failed, and ${db.memberName(db.primary.ordinal)} is the primary now; ${lossInWords(end, fork)}.${end.kind === 'at-most' ? '' : ' The archive lacks what it had not archived yet: take a base backup.'}`, {
    from: db.memberName(from),
    to: db.memberName(db.primary.ordinal),
    epoch: topology.epoch,
    tookMs: Math.max(0, Date.now() - Date.parse(began)),
    broughtBytes,
    lostBytes: lost ?? null,
    lostBytesAre: end.kind,
    forkLsn: formatLsn(fork),
    endLsn: end.lsn ?? null,
    seenAt: end.seenAt ?? null,
  })
  await setTopology(db, { failover: undefined })
}
