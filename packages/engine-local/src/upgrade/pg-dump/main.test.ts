import type { DumpOrder } from './main.ts'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel, Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'

/** AuthenticationOk, ParameterStatus and ReadyForQuery. */
const welcome = Buffer.from('R\0\0\0\x08\0\0\0\0' + 'S\0\0\0\x18server_version\x0018.0\0' + 'Z\0\0\0\x05I', 'latin1')

it('a late ring of the bell is not taken for an answer', async () => {
  const { port1, port2 } = new MessageChannel()
  const bell = new Int32Array(new SharedArrayBuffer(4))
  const order: DumpOrder = { args: ['--schema-only', '-d', 'app'], port: port2, bell, welcome }
  const worker = new Worker(new URL('main.ts', import.meta.url), { workerData: order, transferList: [port2], env: {}, stdout: true, stderr: true })
  const end = once(worker, 'message').then(() => 'it ended', (error: Error) => error.message)
  try {
    await new Promise(resolve => port1.once('message', resolve))
    // Until the thread sleeps there is nobody to wake.
    while (Atomics.notify(bell, 0) === 0)
      await sleep(1)
    expect(await Promise.race([end, sleep(200, 'it waits on')])).toBe('it waits on')
  }
  finally {
    port1.close()
    await worker.terminate()
  }
})
