const dayMs = 24 * 60 * 60 * 1000
/** A session that is not refreshed for so long has ended. */
const idleMs = 14 * dayMs
/** However often it is refreshed, it ends so long after the sign-in. */
const longestMs = 90 * dayMs

/** When a session that is used now ends. */
export function sessionEnd(createdAt: Date, now = new Date()): Date {
  return new Date(Math.min(now.getTime() + idleMs, createdAt.getTime() + longestMs))
}
