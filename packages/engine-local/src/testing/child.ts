import type { Progress } from '@howdah/engine'
import type { ChildOrder } from './killed.ts'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { dataOf, until } from '@howdah/testkit'
import { createLocalEngine } from '../engine.ts'
import { findPostmaster } from '../process.ts'
import { testArchives } from './archives.ts'
import { watchEffects } from './effects.ts'
import { orderOf } from './killed.ts'
import { primaryOf, whole } from './replicated.ts'
import { silentLog } from './silent-log.ts'

/** An effect that comes more often is one of a loop. */
const mostOfOneKind = 4

/** A control plane of its own, to be killed: does what it is sent, and tells. Without work it only keeps its pool. */
process.on('message', (order: ChildOrder) => {
  void drive(order)
})
process.send?.({ hello: true })

async function drive({ dataDir, effects: watched, work }: ChildOrder): Promise<void> {
  // What a pool does meanwhile is no part of the work that is watched.
  const engine = createLocalEngine({ dataDir, location: 'local', poolSize: watched ? 0 : 1, archives: testArchives(dataDir), log: silentLog })
  await engine.open()
  const effects: string[] = []
  if (watched) {
    const kill = process.kill.bind(process)
    const counts = new Map<string, number>()
    watchEffects(dataDir, watched.root, (what) => {
      const count = (counts.get(what) ?? 0) + 1
      counts.set(what, count)
      const effect = count === 1 ? what : `${what} (${count})`
      if (count <= mostOfOneKind)
        effects.push(effect)
      if (effect === watched.last)
        kill(process.pid, 'SIGKILL')
    })
  }
  process.send?.({ began: true })
  if (!work)
    return
  const { backup, destroy, drill, kill, rehearsal, restore, spec, switchover, undo, upgrade } = work
  const thenEnsure = async (progress: Progress): Promise<Progress> => progress.outcome === 'done' ? await engine.ensure(spec) : progress
  const step = async (): Promise<Progress> => {
    if (destroy)
      return await engine.destroy(spec)
    if (switchover !== undefined)
      return await engine.switchOver(spec, { id: switchover })
    if (restore)
      return await thenEnsure(await engine.restore(spec, orderOf(restore)))
    if (upgrade)
      // A message between processes has no dates.
      return await thenEnsure(await engine.upgrade(spec, { ...upgrade, undoUntil: new Date(upgrade.undoUntil) }))
    if (rehearsal)
      return await engine.rehearseUpgrade(spec, rehearsal)
    if (undo !== undefined)
      return await thenEnsure(await engine.undoRestore(spec, undo))
    if (backup !== undefined)
      return await engine.takeBackup(spec, backup)
    return drill === undefined ? await engine.ensure(spec) : await engine.drillBackup(spec, drill)
  }
  // As a worker does it: what is not available now is tried again.
  const attempt = async (): Promise<Progress> => await step().catch((error: unknown) => {
    if (error instanceof EngineError && error.code === 'unavailable')
      return { outcome: 'wait', step: '', afterMs: 50, reason: error.message }
    throw error
  })
  if (kill === undefined) {
    for (let progress = await attempt(); progress.outcome !== 'done'; progress = await attempt())
      // One that fails is tried again too: a replica may not be fit yet.
      await delay(progress.outcome === 'wait' ? Math.min(progress.afterMs, 50) : progress.outcome === 'failed' ? 50 : 0)
  }
  else {
    process.kill(kill, 'SIGKILL')
    // Another one, or a server that was started again in its place.
    await until(async () => {
      const observed = await engine.observe(spec)
      const server = observed && await findPostmaster(await dataOf(dataDir, spec.id, primaryOf(observed)))
      return server !== undefined && server.pid !== kill
    }, { deadlineMs: 60_000, what: 'another server has the role' })
  }
  if (switchover !== undefined || kill !== undefined)
    await whole({ engine }, spec)
  process.send?.({ done: true, effects })
}
