import type { DatabaseSpec } from '@howdah/engine'
import process from 'node:process'
import { createLocalEngine } from '../engine.ts'
import { testArchives } from './archives.ts'
import { silentLog } from './silent-log.ts'

export interface Work {
  readonly spec: DatabaseSpec
  readonly destroy?: boolean
  /** Id of a switchover. */
  readonly switchover?: string
  /** Process of the primary, which is killed; it is over when another one has the role. */
  readonly kill?: number
}

/** A control plane of its own, to be killed: does what it is sent, and tells. Without work it only keeps its pool. */
process.on('message', (order: { dataDir: string, work?: Work }) => {
  void drive(order.dataDir, order.work)
})
process.send?.({ hello: true })

async function drive(dataDir: string, work?: Work): Promise<void> {
  const engine = createLocalEngine({ dataDir, location: 'local', poolSize: 1, archives: testArchives(dataDir), log: silentLog })
  await engine.open()
  process.send?.({ began: true })
  if (!work)
    return
  const { destroy, kill, spec, switchover } = work
  if (destroy) {
    await engine.destroy(spec)
  }
  else if (switchover !== undefined) {
    while ((await engine.switchOver(spec, { id: switchover })).outcome !== 'done');
  }
  else if (kill !== undefined) {
    const over = new Promise<void>(resolve => engine.watch((notification) => {
      if (notification.kind === 'event' && notification.event.type === 'failover.done')
        resolve()
    }))
    process.kill(kill, 'SIGKILL')
    await over
  }
  else {
    while ((await engine.ensure(spec)).outcome !== 'done');
  }
  process.send?.({ done: true })
}
