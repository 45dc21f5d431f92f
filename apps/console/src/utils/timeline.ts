/** A stretch of time that is shown, in milliseconds since the epoch. */
export interface View {
  readonly from: number
  readonly to: number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** Distances between marks of the axis that a person reads without counting. */
const tickSteps = [1000, 5000, 15_000, 30_000, minute, 5 * minute, 15 * minute, 30 * minute, hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day, 30 * day, 90 * day, 365 * day]

export const zooms = [
  { label: '1 day', ms: day },
  { label: '1 hour', ms: hour },
  { label: '5 min', ms: 5 * minute },
] as const

/** Where a time stands, in percent of the width. */
export function place(at: number, { from, to }: View): number {
  return (at - from) / (to - from) * 100
}

/** All of it with a little room at both ends, or a part of this length with the time in its middle. */
export function viewAround(whole: View, middle: number, length?: number): View {
  const room = Math.max((whole.to - whole.from) * 0.03, 1000)
  const wide = { from: whole.from - room, to: whole.to + room }
  if (length === undefined || length >= wide.to - wide.from)
    return wide
  const from = Math.min(Math.max(middle - length / 2, wide.from), wide.to - length)
  return { from, to: from + length }
}

/** Round times in the reader's zone, at most as many as fit. */
export function ticksOf({ from, to }: View, most: number): number[] {
  const step = tickSteps.find(ms => (to - from) / ms <= most) ?? tickSteps.at(-1)!
  // Days begin at midnight where the reader is.
  const shift = new Date(from).getTimezoneOffset() * minute
  const first = Math.ceil((from - shift) / step) * step + shift
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step)
}

/** How far one press of an arrow goes: a part of what is shown, and a whole number of seconds. */
export function keyStep({ from, to }: View): number {
  return Math.max(1000, Math.round((to - from) / 200 / 1000) * 1000)
}

/** The nearest mark that is no farther than that. */
export function nearest<T extends { readonly time: number }>(marks: readonly T[], time: number, within: number): T | undefined {
  const closest = marks.toSorted((a, b) => Math.abs(a.time - time) - Math.abs(b.time - time))[0]
  return closest && Math.abs(closest.time - time) <= within ? closest : undefined
}
