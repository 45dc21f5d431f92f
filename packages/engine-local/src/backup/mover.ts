import type { EngineErrorCode } from '@howdah/engine'
import type { Archive } from '../archive/archive.ts'
import type { Installation } from '../installation.ts'
import type { Stored } from './blocks.ts'
import type { Job } from './job.ts'
import type { Failure, Order, Word } from './mover/order.ts'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { EngineError } from '@howdah/engine'
import { archiveFileOf } from '../archive-site.ts'
import { EnvelopeError } from '../archive/envelope.ts'
import { IncompleteBackup } from './manifest.ts'

/** It stands beside whatever this file is a part of: the sources, or the one file that a package has. */
const program = new URL(`mover/main${extname(fileURLToPath(import.meta.url))}`, import.meta.url)

type Place = Pick<Installation, 'archives' | 'account'>
type Report = (bytes: number) => void

/** Copy files of a running server into the archive, as blocks of a backup. */
export async function storeFiles(place: Place, { name }: Archive, backup: string, { data, files }: { readonly data: string, readonly files: readonly string[] }, job: Pick<Job, 'say' | 'signal'>, report: Report): Promise<Stored> {
  const stored = await move({ verb: 'store', archive: archiveFileOf(place, name), backup, data, files }, job, report)
  if (!stored)
    throw new Error('files were stored, and nobody knows where')
  return stored
}

/** Write the files of a backup into an empty folder, as the account's. Not synced. */
export async function fetchFiles(place: Place, { name }: Archive, backup: string, data: string, job: Pick<Job, 'say' | 'signal'>, report: Report): Promise<void> {
  await move({ verb: 'fetch', archive: archiveFileOf(place, name), backup, data, account: place.account }, job, report)
}

async function move(order: Order, job: Pick<Job, 'say' | 'signal'>, report: Report): Promise<Stored | undefined> {
  const worker = new Worker(program, { workerData: order, env: {} })
  const calledOff = Promise.withResolvers<never>()
  const callOff = (): void => calledOff.reject(job.signal.reason)
  job.signal.addEventListener('abort', callOff)
  try {
    job.signal.throwIfAborted()
    return await Promise.race([calledOff.promise, new Promise<Stored | undefined>((resolve, reject) => {
      worker.on('message', (word: Word) => {
        if ('say' in word)
          job.say(word.say)
        else if ('bytes' in word)
          report(word.bytes)
        else if ('failed' in word)
          reject(errorOf(word.failed))
        else
          resolve(word.done)
      })
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the thread that moves files ended without a word')))
    })])
  }
  finally {
    job.signal.removeEventListener('abort', callOff)
    // Nothing of it writes any more from here on.
    await worker.terminate()
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
