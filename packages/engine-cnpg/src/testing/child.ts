import type { ChildOrder } from './work.ts'
import process from 'node:process'
import { openBucket } from '@howdah/engine-local'
import { createCnpgEngine } from '../engine.ts'
import { done } from './ended.ts'
import { installationId } from './installation-id.ts'
import { silentLog } from './silent-log.ts'
import { stepOf } from './work.ts'

/** A control plane of its own, to be killed: does what it is sent, and tells when it has done it. */
process.on('message', (order: ChildOrder) => {
  void drive(order)
})
process.send?.({ hello: true })

async function drive({ settings, work }: ChildOrder): Promise<void> {
  const engine = createCnpgEngine({ location: 'test', installation: installationId(), log: silentLog, openBucket, settings })
  await engine.open()
  await done(async () => await stepOf(engine, work), { deadlineMs: Infinity })
  process.send?.({ isDone: true })
}
