import type { Database, DatabaseUpdate } from '@howdah/sdk'

/**
 * The same edit on top of what someone else has made meanwhile. Labels and lists are sent whole, so the one that was
 * typed over the old version would undo theirs; what was added and taken away is done to theirs instead. Parameters
 * are merged by the server.
 */
export function rebaseUpdate(body: DatabaseUpdate, base: Database, theirs: Database): DatabaseUpdate {
  return {
    ...body,
    ...(body.labels && { labels: rebaseLabels(body.labels, base.labels, theirs.labels) }),
    ...(body.extensions && { extensions: rebaseList(body.extensions, base.extensions, theirs.extensions) }),
    ...(body.allowedCidrs && { allowedCidrs: rebaseList(body.allowedCidrs, base.allowedCidrs, theirs.allowedCidrs) }),
  }
}

type Labels = Readonly<Record<string, string>>

function rebaseLabels(mine: Labels, base: Labels, theirs: Labels): Record<string, string> {
  const removed = new Set(Object.keys(base).filter(key => !(key in mine)))
  return Object.fromEntries([
    ...Object.entries(theirs).filter(([key]) => !removed.has(key)),
    ...Object.entries(mine).filter(([key, value]) => base[key] !== value),
  ])
}

function rebaseList(mine: readonly string[], base: readonly string[], theirs: readonly string[]): string[] {
  const removed = new Set(base.filter(item => !mine.includes(item)))
  return [...new Set([...theirs.filter(item => !removed.has(item)), ...mine.filter(item => !base.includes(item))])]
}
