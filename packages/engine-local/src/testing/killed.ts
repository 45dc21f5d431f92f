import type { DatabaseSpec, RestoreOrder, UpgradeOrder } from '@howdah/engine'
import type { TestEngine } from './local-engine.ts'
import { fork } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

/** What a control plane is about when it is killed: to bring a database to its spec, unless it is told something else. */
export interface Work {
  readonly spec: DatabaseSpec
  readonly destroy?: boolean
  /** Id of the backup that is taken. */
  readonly backup?: string
  /** Id of the drill. */
  readonly drill?: string
  /** A restore in place, of itself. */
  readonly restore?: { readonly id: string, readonly backup: string }
  /** Id of the restore in place that is undone. */
  readonly undo?: string
  /** An upgrade to another major. */
  readonly upgrade?: UpgradeOrder
  /** Id of a switchover. */
  readonly switchover?: string
  /** Process of the primary, which is killed; it is over when another one has the role. */
  readonly kill?: number
}

export function orderOf(database: string, { backup, id }: { readonly id: string, readonly backup: string }): RestoreOrder {
  return { id, from: { id: database, target: { kind: 'backup', backup } }, undoUntil: new Date(Date.now() + 3_600_000) }
}

/** Let another process do the work, and kill it so long after it began, or when it is done. */
export async function runAndKill(test: TestEngine, work: Work, afterMs: number): Promise<void> {
  await test.engine.close()
  const child = fork(new URL('child.ts', import.meta.url))
  const exited = new Promise(resolve => child.once('exit', resolve))
  const done = Promise.withResolvers<void>()
  const began = Promise.withResolvers<void>()
  child.on('message', (message: { hello?: boolean, began?: boolean, done?: boolean }) => {
    if (message.hello)
      child.send({ dataDir: test.dataDir, work })
    if (message.began)
      began.resolve()
    if (message.done)
      done.resolve()
  })
  await began.promise
  await Promise.race([done.promise, afterMs === Number.POSITIVE_INFINITY ? done.promise : delay(afterMs)])
  child.kill('SIGKILL')
  await exited
  await test.reopen()
}

/** How long the whole of it takes undisturbed here and now, in milliseconds. */
export async function timeOf(test: TestEngine, work: Work): Promise<number> {
  const began = performance.now()
  await runAndKill(test, work, Number.POSITIVE_INFINITY)
  return performance.now() - began
}

export function moments(whole: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.round(whole * index / count))
}
