import type pg from 'pg'
import type { DumpOrder } from './pg-dump/main.ts'
import { Buffer } from 'node:buffer'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import { RawConnection } from './raw-connection.ts'

/** It stands beside whatever this file is a part of: the sources, or the one file that a package has. */
const program = new URL(`pg-dump/main${extname(fileURLToPath(import.meta.url))}`, import.meta.url)

/** `pre-data`: everything before the first row; `post-data`: indexes, constraints, triggers and what else comes after the last. */
export type Section = 'pre-data' | 'post-data'

/** The schema of a logical database as statements, by pg_dump. Extensions and what belongs to them are left out. */
export async function dumpSchema(config: pg.ClientConfig, section: Section): Promise<string> {
  const connection = await RawConnection.open(config)
  const { port1, port2 } = new MessageChannel()
  const bell = new Int32Array(new SharedArrayBuffer(4))
  const order: DumpOrder = {
    args: ['--schema-only', `--section=${section}`, '--exclude-extension=*', '--no-tablespaces', '--quote-all-identifiers', '-d', config.database ?? ''],
    port: port2,
    bell,
    welcome: connection.welcome,
  }
  const worker = new Worker(program, { workerData: order, transferList: [port2], env: {}, stdout: true, stderr: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      port1.on('message', (question: Uint8Array) => {
        connection.ask(Buffer.from(question)).then((answer) => {
          port1.postMessage(answer)
          Atomics.store(bell, 0, 1)
          Atomics.notify(bell, 0)
        }, reject)
      })
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('pg_dump ended without a word')))
    })
  }
  finally {
    port1.close()
    await worker.terminate()
    connection.close()
  }
}
