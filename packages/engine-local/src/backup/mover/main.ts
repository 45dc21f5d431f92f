/**
 * Moves the files of a base backup into an archive or out of it, as a thread or as a process of its own (mover.ts). It has gigabytes pass
 * in pieces of megabytes, and after every few of them garbage is collected: from next to nothing here, and from all that the
 * control plane has where that does it, which meanwhile answers nobody.
 */
import type { Order, Word } from './order.ts'
import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { parentPort, workerData } from 'node:worker_threads'
import { openArchive } from '../../archive/archive-file.ts'
import { openStore } from '../../archive/open-store.ts'
import { inOurWords } from '../../in-our-words.ts'
import { intoBlocks, outOfBlocks } from '../blocks.ts'
import { readBackupFiles } from '../manifest.ts'

const order = parentPort ? workerData as Order : await ofParent() // from mover.ts
function say(word: Word): unknown {
  return parentPort
    ? parentPort.postMessage(word)
  // Where nobody listens any more, it hears of that by itself.
    : process.send?.(word, undefined, undefined, () => {})
}
// Who calls it off ends the thread, or the process.
const job = { say: (text: string) => void say({ say: text }), signal: new AbortController().signal }
const report = (bytes: number): void => void say({ bytes })

try {
  const { backup, data } = order
  const archive = openArchive(order.archive, inOurWords(await openStore(order.archive.store)))
  if (order.verb === 'store') {
    say({ done: await intoBlocks(archive, backup, data, order.files, job, report) })
  }
  else {
    await outOfBlocks(archive, backup, await readBackupFiles(archive, backup), data, order.account, job, report)
    say({ done: null })
  }
}
catch (error) {
  if (!(error instanceof Error))
    throw error
  say({ failed: { name: error.name, message: error.message, code: 'code' in error && typeof error.code === 'string' ? error.code : undefined } })
}

async function ofParent(): Promise<Order> {
  // It ends with the control plane, which takes its time where it is asked to end together with all that it has started.
  process.once('disconnect', () => process.exit(1))
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {})
  const [order] = await once(process, 'message') as [Order]
  // Its end is a kill, at which Node keeps nothing of what it compiled.
  flushCompileCache()
  return order
}
