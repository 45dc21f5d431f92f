import type { Log } from '../log.ts'

/** For tests that look at what happens, not at what is said. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
}
