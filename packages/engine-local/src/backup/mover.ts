import type { EngineErrorCode } from '@howdah/engine'
import type { EventEmitter } from 'node:events'
import type { Archive } from '../archive/archive.ts'
import type { Installation } from '../installation.ts'
import type { Stored } from './blocks.ts'
import type { Job } from './job.ts'
import type { Failure, Order, Word } from './mover/order.ts'
import { fork } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { EngineError } from '@howdah/engine'
import { archiveFileOf } from '../archive-site.ts'
import { EnvelopeError } from '../archive/envelope.ts'
import { IncompleteBackup } from './manifest.ts'

/** It stands beside whatever this file is a part of: the sources, or the one file that a package has. */
const program = new URL(`mover/main${extname(fileURLToPath(import.meta.url))}`, import.meta.url)

/**
 * Each block that is fetched becomes 8 MiB of memory. A control plane gives such memory back at once (frugal.ts), and for the next block the
 * system has to find and clear as much: that took more processor than everything else of a restore. A process that
 * fetches keeps what it has until its end.
 */
const keepsMemory = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: String(2 ** 25), MALLOC_TRIM_THRESHOLD_: String(2 ** 28) }

type Place = Pick<Installation, 'archives' | 'account'>
type Report = (bytes: number) => void

/** A thread, or a process. */
interface Mover {
  readonly events: Pick<EventEmitter, 'on' | 'once'>
  /** Nothing of it writes any more when this resolves. */
  readonly end: () => Promise<unknown>
}

/**
 * Copy files of a running server into the archive, as blocks of a backup. By a thread, which ends with us: whoever takes the backup anew
 * writes the same blocks, and must be the only one.
 */
export async function storeFiles(place: Place, { name }: Archive, backup: string, { data, files }: { readonly data: string, readonly files: readonly string[] }, job: Pick<Job, 'say' | 'signal'>, report: Report): Promise<Stored> {
  const stored = await follow(inThread({ verb: 'store', archive: archiveFileOf(place, name), backup, data, files }), job, report)
  if (!stored)
    throw new Error('files were stored, and nobody knows where')
  return stored
}

/**
 * Write the files of a backup into an empty folder, as the account's. Not synced. By a process: when it hears a moment after our end of it,
 * what it wrote until then is in a folder that nobody uses again.
 */
export async function fetchFiles(place: Place, { name }: Archive, backup: string, data: string, job: Pick<Job, 'say' | 'signal'>, report: Report): Promise<void> {
  await follow(inProcess({ verb: 'fetch', archive: archiveFileOf(place, name), backup, data, account: place.account }), job, report)
}

function inThread(order: Order): Mover {
  const worker = new Worker(program, { workerData: order, env: {} })
  return { events: worker, end: async () => await worker.terminate() }
}

function inProcess(order: Order): Mover {
  // Nothing of our environment, and none of our arguments. The order has keys in it: it goes where nobody else reads.
  const compiled = getCompileCacheDir()
  const child = fork(program, { env: { ...keepsMemory, ...compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled } }, execArgv: ['--max-semi-space-size=4'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = new Promise(resolve => child.once('exit', resolve))
  // Whoever follows it hears that it has ended.
  child.send(order, () => {})
  return {
    events: child,
    async end() {
      if (child.kill('SIGKILL'))
        await exited
    },
  }
}

async function follow({ end, events }: Mover, job: Pick<Job, 'say' | 'signal'>, report: Report): Promise<Stored | undefined> {
  const calledOff = Promise.withResolvers<never>()
  const callOff = (): void => calledOff.reject(job.signal.reason)
  job.signal.addEventListener('abort', callOff)
  try {
    job.signal.throwIfAborted()
    return await Promise.race([calledOff.promise, new Promise<Stored | undefined>((resolve, reject) => {
      events.on('message', (word: Word) => {
        if ('say' in word)
          job.say(word.say)
        else if ('bytes' in word)
          report(word.bytes)
        else if ('failed' in word)
          reject(errorOf(word.failed))
        else
          resolve(word.done ?? undefined)
      })
      events.once('error', reject)
      events.once('exit', () => reject(new Error('what moves files ended without a word')))
    })])
  }
  finally {
    job.signal.removeEventListener('abort', callOff)
    // Nothing of it writes any more from here on.
    await end()
  }
}

function errorOf({ code, message, name }: Failure): Error {
  switch (name) {
    case 'EngineError': return new EngineError(code as EngineErrorCode, message) // of one of its own
    case 'EnvelopeError': return new EnvelopeError(message)
    case 'IncompleteBackup': return new IncompleteBackup(message)
    default: return Object.assign(new Error(message), { code })
  }
}
