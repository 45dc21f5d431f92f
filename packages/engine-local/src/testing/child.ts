import type { DatabaseSpec } from '@howdah/engine'
import process from 'node:process'
import { createLocalEngine } from '../engine.ts'
import { testArchives } from './archives.ts'
import { silentLog } from './silent-log.ts'

/** A control plane of its own, to be killed: drives the specs that it is sent, and tells each step. */
process.on('message', (order: { dataDir: string, work: { spec: DatabaseSpec, destroy?: boolean } }) => {
  void drive(order.dataDir, order.work)
})
process.send?.({ hello: true })

async function drive(dataDir: string, { spec, destroy }: { spec: DatabaseSpec, destroy?: boolean }): Promise<void> {
  const engine = createLocalEngine({ dataDir, location: 'local', poolSize: 1, archives: testArchives(dataDir), log: silentLog })
  await engine.open()
  process.send?.({ began: true })
  if (destroy) {
    await engine.destroy(spec)
  }
  else {
    while ((await engine.ensure(spec)).outcome !== 'done');
  }
  process.send?.({ done: true })
}
