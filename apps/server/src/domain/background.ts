import type { Logger } from '../telemetry/log.ts'

/** Work that an answer does not wait for, and that a stop does. */
export interface Background {
  /** `what` completes "… failed" in the log. */
  readonly run: (what: string, work: Promise<unknown>) => void
  readonly settle: () => Promise<void>
}

export function createBackground(log: Logger): Background {
  const running = new Set<Promise<void>>()
  return {
    run(what, work) {
      const done: Promise<void> = work
        .then(() => {}, (error: unknown) => log.warn({ err: error }, `${what} failed`))
        .finally(() => running.delete(done))
      running.add(done)
    },
    settle: async () => void await Promise.all(running),
  }
}
