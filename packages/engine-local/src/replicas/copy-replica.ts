import type { Job } from '../backup/job.ts'
import type { Database, Instance } from '../database.ts'
import { join } from 'node:path'
import { copyRunning } from '../backup/copy-running.ts'
import { certificateHosts, writeCertificate } from '../certificates.ts'
import { runErrands } from '../errands.ts'
import { makeFolder, writeAtomically } from '../files.ts'
import { killLeftovers } from '../process.ts'
import { removeStubbornly } from '../trash.ts'
import { ensureSlots } from './slots.ts'

/** Make the data of a replica anew, from the primary as it is now. Whatever it had is gone, and whatever ran on it. */
export async function copyReplica(db: Database, { ordinal, paths }: Instance, job: Job): Promise<void> {
  const { installation } = db
  const { account, authority, host } = installation
  job.enter('copy')
  await killLeftovers(paths.data)
  await removeStubbornly(paths.instance)
  await makeFolder(paths.instance, 0o755)
  await makeFolder(paths.log, 0o700, account)
  await makeFolder(paths.data, 0o700, account)
  await writeCertificate(authority, certificateHosts(host), paths, account)
  // First: from here on the primary keeps the WAL that the copy begins with.
  await ensureSlots(db, [ordinal])
  const { label } = await runErrands(account, async errands => await copyRunning(errands, installation, db, { name: 'howdah replica', prepare: async () => paths.data }, job), job.signal)
  await writeAtomically(join(paths.data, 'backup_label'), label, { mode: 0o600, owner: account, durable: false })
}
