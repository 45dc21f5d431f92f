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
  /** A restore in place. */
  readonly restore?: Pick<RestoreOrder, 'id' | 'from'>
  /** Id of the restore in place that is undone. */
  readonly undo?: string
  /** An upgrade to another major. */
  readonly upgrade?: UpgradeOrder
  /** A rehearsal of one. */
  readonly rehearsal?: { readonly id: string, readonly version: number }
  /** Id of a switchover. */
  readonly switchover?: string
  /** Process of the primary, which is killed; it is over when another one has the role. */
  readonly kill?: number
}

/** What the process is sent that is to be killed. */
export interface ChildOrder {
  readonly dataDir: string
  readonly work?: Work
  /** Its effects are watched, and it kills itself after the last one. */
  readonly effects?: { readonly root: string | undefined, readonly last: string | undefined }
}

export function orderOf({ from, id }: Pick<RestoreOrder, 'id' | 'from'>): RestoreOrder {
  return { id, from, undoUntil: new Date(Date.now() + 3_600_000) }
}

/** What was seen of a control plane until it was killed. */
export interface Killed {
  /** In order, where they are watched. */
  readonly effects: readonly string[]
  /** Whether it had done all of it. */
  readonly isDone: boolean
}

/** Let another process do the work, and kill it so long after it began, or when it is done. */
export async function runAndKill(test: TestEngine, work: Work, afterMs: number): Promise<Killed> {
  return await runUntil(test, { work }, afterMs)
}

/**
 * The same, killed as soon as it has had this effect; with none, when it is done. `root`: the folder of the database, if it has one.
 * `between`: what happens before the next one comes.
 */
export async function runAndKillAfter(test: TestEngine, work: Work, root: string | undefined, effect?: string, between?: () => Promise<void>): Promise<Killed> {
  return await runUntil(test, { work, effects: { root, last: effect } }, Number.POSITIVE_INFINITY, between)
}

async function runUntil(test: TestEngine, order: Omit<ChildOrder, 'dataDir'>, afterMs: number, between?: () => Promise<void>): Promise<Killed> {
  await test.engine.close()
  const child = fork(new URL('child.ts', import.meta.url))
  const exited = Promise.withResolvers<number | null>()
  child.once('exit', code => exited.resolve(code))
  const done = Promise.withResolvers<void>()
  const began = Promise.withResolvers<void>()
  const seen: { effects: string[], isDone: boolean } = { effects: [], isDone: false }
  child.on('message', (message: { hello?: boolean, began?: boolean, done?: boolean, effects?: string[] }) => {
    if (message.hello)
      child.send({ dataDir: test.dataDir, ...order })
    if (message.began)
      began.resolve()
    if (message.done) {
      Object.assign(seen, { isDone: true, effects: message.effects ?? [] })
      done.resolve()
    }
  })
  await Promise.race([began.promise, exited.promise])
  await Promise.race([done.promise, exited.promise, ...afterMs === Number.POSITIVE_INFINITY ? [] : [delay(afterMs)]])
  child.kill('SIGKILL')
  const code = await exited.promise
  if (code !== null)
    throw new Error(`the control plane that was to be killed ended with ${code}`)
  await between?.()
  await test.reopen()
  return seen
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
