import type { Progress } from '@howdah/engine'
import type { ChildOrder } from './work.ts'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { openBucket } from '@howdah/engine-local'
import { createCnpgEngine } from '../engine.ts'
import { silentLog } from './silent-log.ts'
import { stepOf } from './work.ts'

/** A control plane of its own, to be killed: does what it is sent, and tells when it has done it. */
process.on('message', (order: ChildOrder) => {
  void drive(order)
})
process.send?.({ hello: true })

async function drive({ settings, work }: ChildOrder): Promise<void> {
  const engine = createCnpgEngine({ location: 'test', log: silentLog, openBucket, settings })
  await engine.open()
  for (;;) {
    const progress = await stepOf(engine, work).catch((error: unknown): Progress => {
      // As the worker does: what is unavailable is tried again.
      if (error instanceof EngineError && error.code === 'unavailable')
        return { outcome: 'wait', step: 'try again', afterMs: 500, reason: error.message }
      throw error
    })
    if (progress.outcome === 'done')
      break
    if (progress.outcome === 'failed')
      throw new Error(JSON.stringify(progress))
    if (progress.outcome === 'wait')
      await delay(progress.afterMs)
  }
  process.send?.({ isDone: true })
}
