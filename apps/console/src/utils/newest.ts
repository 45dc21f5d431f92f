import type { Database } from '@howdah/sdk'

/** Answers and events overtake each other: an older state must not replace a newer one. */
export function newest(before: Database | undefined, after: Database): Database {
  return before?.id === after.id && isNewer(before, after) ? before : after
}

function isNewer(a: Database, b: Database): boolean {
  return a.generation > b.generation || (a.generation === b.generation && Date.parse(a.since) > Date.parse(b.since))
}
