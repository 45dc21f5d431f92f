import type { Progress } from '@howdah/engine'
import type { Work } from './killed.ts'
import process from 'node:process'
import { createLocalEngine } from '../engine.ts'
import { testArchives } from './archives.ts'
import { orderOf } from './killed.ts'
import { silentLog } from './silent-log.ts'

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
  const { backup, destroy, drill, kill, restore, spec, switchover, undo, upgrade } = work
  const thenEnsure = async (progress: Progress): Promise<Progress> => progress.outcome === 'done' ? await engine.ensure(spec) : progress
  const step = async (): Promise<Progress> => {
    if (destroy)
      return await engine.destroy(spec)
    if (switchover !== undefined)
      return await engine.switchOver(spec, { id: switchover })
    if (restore)
      return await thenEnsure(await engine.restore(spec, orderOf(work.spec.id, restore)))
    if (upgrade)
      // A message between processes has no dates.
      return await thenEnsure(await engine.upgrade(spec, { ...upgrade, undoUntil: new Date(upgrade.undoUntil) }))
    if (undo !== undefined)
      return await thenEnsure(await engine.undoRestore(spec, undo))
    if (backup !== undefined)
      return await engine.takeBackup(spec, backup)
    return drill === undefined ? await engine.ensure(spec) : await engine.drillBackup(spec, drill)
  }
  if (kill === undefined) {
    while ((await step()).outcome !== 'done');
  }
  else {
    const over = new Promise<void>(resolve => engine.watch((notification) => {
      if (notification.kind === 'event' && notification.event.type === 'failover.done')
        resolve()
    }))
    process.kill(kill, 'SIGKILL')
    await over
  }
  process.send?.({ done: true })
}
