import type { Happening } from './events.ts'
import type { Seen } from './phase.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { parseLsn } from '@howdah/postgres'

const lookEveryMs = 2_000
/** Where a primary that was lost stopped being the truth, in the words of pg_rewind. */
const forked = /servers diverged at WAL location ([0-9A-F]+\/[0-9A-F]+)/
const nothingToRewind = 'no rewind required'
/** Positions that its own WAL reached: what pg_controldata says of it, and its recovery from the crash, where that found no more and made a checkpoint. */
const reached = /(?: at|LSN|lsn=|location:) *([0-9A-F]+\/[0-9A-F]+)/g
/** These say where a record begins, not where it ends. */
const beginning = /redo (?:starts|done) at/
/** What comes after it is no part of what was written before. */
const recovered = 'checkpoint starting: shutdown'

/** Of a primary that was lost and came back: how much WAL of its own it had to give up. Undefined: it did not say how far that went. */
export function givenUpIn(lines: readonly string[]): bigint | undefined {
  const said = lines.flatMap(saidIn)
  const last = said.findLastIndex(text => forked.test(text) || text.includes(nothingToRewind))
  const fork = parseLsn(forked.exec(said[last] ?? '')?.[1] ?? '')
  if (fork === undefined)
    return last === -1 ? undefined : 0n
  // What it gave up another time was of another timeline. One that is tried again says the same.
  const earlier = said.slice(0, last).findLastIndex(text => forked.test(text) && text !== said[last])
  const before = said.slice(earlier + 1, last)
  const end = before.findLastIndex(text => text.includes(recovered))
  const positions = before.slice(0, end === -1 ? before.length : end).filter(text => !beginning.test(text)).flatMap(text => [...text.matchAll(reached)].map(([, lsn = '']) => parseLsn(lsn) ?? 0n))
  // It had at least all that the other one has of it.
  const furthest = positions.filter(lsn => lsn >= fork).reduce<bigint | undefined>((most, lsn) => most === undefined || lsn > most ? lsn : most, undefined)
  return furthest === undefined ? undefined : furthest - fork
}

/** By whom it is said where a server is put right before it starts. */
const speakers: readonly (string | undefined)[] = ['pg_controldata', 'pg_rewind']

function saidIn(line: string): string[] {
  try {
    const { logger, msg = '' } = JSON.parse(line) as { readonly logger?: string, readonly msg?: string } // the instance manager's documented shape
    return speakers.includes(logger) ? [msg] : []
  }
  catch (error) {
    if (error instanceof SyntaxError)
      return []
    throw error
  }
}

export interface Failover {
  /** Names of the instances. */
  readonly from: string
  readonly to: string
}

export interface LossOptions {
  readonly seen: () => Seen
  /** What an instance has logged, in its container that runs and in the one before. */
  readonly log: (pod: string) => Promise<readonly string[]>
  readonly tell: (happening: Happening) => void
  readonly signal: AbortSignal
  readonly lookEveryMs?: number
}

/** Waits until a primary that was lost has come back as a replica: only then anybody can know what it had written and not sent. */
export async function reportLoss(failover: Failover, options: LossOptions): Promise<void> {
  const { log, seen, signal, tell } = options
  while (!signal.aborted) {
    const state = stateOf(failover.from, seen())
    if (state !== 'awaited') {
      tell(lossHappening(failover, state === 'back' ? givenUpIn(await log(failover.from)) : undefined))
      return
    }
    await delay(options.lookEveryMs ?? lookEveryMs, undefined, { ref: false })
  }
}

function stateOf(name: string, { cluster, lag, pods }: Seen): 'awaited' | 'back' | 'gone' {
  const instances = pods.filter(pod => pod.isInstance && !pod.isDeleting)
  const isThere = (pod: Seen['pods'][number]): boolean => pod.isReady && (lag === undefined || pod.name === cluster.currentPrimary || lag.has(pod.name))
  const pod = instances.find(pod => pod.name === name)
  if (pod)
    return isThere(pod) ? 'back' : 'awaited'
  // Others are there for it, with volumes of their own.
  return instances.filter(isThere).length >= cluster.instances ? 'gone' : 'awaited'
}

function lossHappening({ from, to }: Failover, lost: bigint | undefined): Happening {
  const details = { from, to, lostBytes: lost === undefined ? null : Number(lost) }
  if (lost === undefined)
    return { type: 'failover.loss', severity: 'error', message: `What ${from} had written last before ${to} took its place may be lost: it did not come back with its WAL, so nobody knows how much that is.`, details }
  return lost === 0n
    ? { type: 'failover.loss', severity: 'info', message: `Nothing is lost: ${to} had all that ${from} had written.`, details }
    : { type: 'failover.loss', severity: 'error', message: `At most ${lost} bytes of WAL are lost: ${from} had written them and not sent them when ${to} took its place.`, details }
}
