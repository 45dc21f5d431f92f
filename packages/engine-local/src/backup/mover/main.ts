/**
 * Moves the files of a base backup into an archive or out of it, in a thread of its own. It has gigabytes pass in pieces of
 * megabytes, and after every few of them garbage is collected: from next to nothing here, and from all that the control plane
 * has where that does it, which meanwhile answers nobody.
 */
import type { Order, Word } from './order.ts'
import { parentPort, workerData } from 'node:worker_threads'
import { openArchive } from '../../archive/archive-file.ts'
import { openStore } from '../../archive/open-store.ts'
import { inOurWords } from '../../in-our-words.ts'
import { intoBlocks, outOfBlocks } from '../blocks.ts'
import { readBackupFiles } from '../manifest.ts'

const order = workerData as Order // from mover.ts
const say = (word: Word): void => parentPort?.postMessage(word)
// Who calls it off ends the thread.
const job = { say: (text: string) => say({ say: text }), signal: new AbortController().signal }
const report = (bytes: number): void => say({ bytes })

try {
  const { backup, data } = order
  const archive = openArchive(order.archive, inOurWords(await openStore(order.archive.store)))
  if (order.verb === 'store')
    say({ done: await intoBlocks(archive, backup, data, order.files, job, report) })
  else
    say({ done: void await outOfBlocks(archive, backup, await readBackupFiles(archive, backup), data, order.account, job, report) })
}
catch (error) {
  if (!(error instanceof Error))
    throw error
  say({ failed: { name: error.name, message: error.message, code: 'code' in error && typeof error.code === 'string' ? error.code : undefined } })
}
