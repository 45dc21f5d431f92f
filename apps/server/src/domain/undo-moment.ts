import { invalid } from './errors.ts'

const hourMs = 3_600_000
const undoForMs = 24 * hourMs
const mostUndoMs = 30 * 24 * hourMs

/** Until when what a database was is kept, as it was asked for. */
export function undoMoment(text: string | undefined): string {
  const now = Date.now()
  const until = text === undefined ? now + undoForMs : Date.parse(text)
  if (until <= now)
    throw invalid('/undoUntil', 'Must be in the future')
  if (until > now + mostUndoMs)
    throw invalid('/undoUntil', 'Must be within 30 days: until then the database takes its space twice')
  return new Date(until).toISOString()
}
