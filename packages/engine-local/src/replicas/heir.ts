import type { Plan } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { Members } from './members.ts'

const mebibyte = 2 ** 20
/** A replica that is further behind than this would keep clients waiting. */
const mostLagBytes = 16 * mebibyte

/** Why nobody can take over. */
export interface NoHeir {
  readonly message: string
  readonly nextStep: string
  /** There are replicas, of which one may be fit in a moment: it is looked at again before anybody is refused. */
  readonly mayPass: boolean
}

/** Ordinal of who would become the primary in a switchover: of those that are fit the most advanced one. Pure. */
export function heirOf(db: Pick<Database, 'topology' | 'memberName'>, members: Pick<Members, 'lagOf'> | undefined, to: string | undefined): number | NoHeir {
  const { topology } = db
  const replicas = topology?.members.filter(({ ordinal }) => ordinal !== topology.primary) ?? []
  if (replicas.length === 0 && to === undefined)
    return { message: 'There is no replica that could become the primary.', nextStep: 'Give the database another instance, then try again.', mayPass: false }
  const named = replicas.filter(({ ordinal }) => to === undefined || db.memberName(ordinal) === to)
  if (named.length === 0)
    return { message: `"${to}" is no replica of this database.`, nextStep: 'Name one of its replicas, or none.', mayPass: false }
  const seen = named.map(({ ordinal }) => ({ ordinal, lag: members?.lagOf(ordinal) }))
  const best = seen.reduce<{ ordinal: number, lag: number } | undefined>((best, { lag, ordinal }) => lag !== undefined && lag < (best?.lag ?? Number.POSITIVE_INFINITY) ? { ordinal, lag } : best, undefined)
  if (best && best.lag <= mostLagBytes)
    return best.ordinal
  const states = seen.map(({ lag, ordinal }) => `${db.memberName(ordinal)} ${lag === undefined ? 'does not follow' : `is ${mebibytes(lag)} behind`}`)
  return {
    message: `${to === undefined ? 'No replica follows' : `"${to}" does not follow`} closely enough to take over now: ${states.join(', ')}; it may be ${mebibytes(mostLagBytes)}.`,
    nextStep: 'Wait until the lag of a member is less than that, then try again. A replica may stay behind for as long as much is written.',
    mayPass: true,
  }
}

export function planOf(heir: number | NoHeir): Plan {
  return typeof heir === 'number'
    ? { steps: ['hand-over', 'login'], interruption: 'restart', reasons: ['Sessions with the primary end once, and new ones wait for less than a second.'], refusals: [] }
    : { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer: '/to', detail: `${heir.message} ${heir.nextStep}` }] }
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / mebibyte)} MiB`
}
