import type { Managed } from '../ensure.ts'
import type { Staged } from './stage.ts'
import type { Swap } from './swap.ts'
import { readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { archiveOf } from '../archive-site.ts'
import { noteEnd } from '../backup/lines.ts'
import { settleInheritance } from '../replicas/archive-inherited.ts'
import { lastCheckpoint } from '../replicas/switch-over.ts'
import { stopServer } from '../server-control.ts'
import { decideSwap, finishSwap } from './swap.ts'
import { historyName, timelinesIn } from './timelines.ts'

/** Stop all servers of a database, and note that its timeline ends here. Runs inside `db.exclusive`. */
export async function stopInOrder({ db, supervisor }: Managed, reason: string, message: string): Promise<void> {
  await supervisor.detach()
  supervisor.setPhase('restarting', reason, message)
  await settleInheritance(db)
  await (supervisor.replication?.stop() ?? stopServer(db))
  const { data } = db.paths
  // The moments just before are promised where nothing of them is missing in the archive.
  const isArchived = (await readdir(join(data, 'pg_wal', 'archive_status'))).every(name => !name.endsWith('.ready'))
  if (isArchived && await lastCheckpoint(data) !== undefined)
    await noteEnd(archiveOf(db.installation, db.ref.id), Math.max(...await timelinesIn(data)), new Date())
}

/** Swap the data of a database that is stopped. Answers what was thrown away. */
export async function exchangeData({ db, ports }: Managed, { folder, timeline }: Staged, swap: Omit<Swap, 'format' | 'staged'>): Promise<readonly string[]> {
  // Moments until now are of the timeline before, those after it are of this one.
  const now = new Date()
  await utimes(join(db.root, folder, 'data', 'pg_wal', historyName(timeline)), now, now)
  await decideSwap(db.root, { format: 1, staged: folder, ...swap })
  const before = db.topology?.members ?? []
  const swapped = await finishSwap(db.installation, db.root)
  db.become(swapped)
  for (const { port } of before.filter(({ port }) => !db.topology?.members.some(member => member.port === port)))
    ports.free(port)
  return swapped.doomed
}
