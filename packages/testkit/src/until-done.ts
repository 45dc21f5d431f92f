import { until } from './until.ts'

/** Take a step of an engine again and again until it is done, as a worker does: what is not available now is tried again, what fails is thrown. */
export async function untilDone(what: string, step: () => Promise<{ readonly outcome: string }>, options: { readonly deadlineMs: number, readonly everyMs?: number }): Promise<void> {
  let last: unknown
  await until(async () => {
    try {
      const progress = await step()
      last = progress
      if (progress.outcome === 'failed')
        throw new Error(`${what}: ${JSON.stringify(progress)}`)
      return progress.outcome === 'done'
    }
    catch (error) {
      // As an EngineError says it, of whose package this one knows nothing.
      if (error instanceof Error && 'code' in error && error.code === 'unavailable') {
        last = error.message
        return false
      }
      throw error
    }
  }, { ...options, what }).catch((error: unknown) => {
    throw new Error(`${what}; what was answered last: ${JSON.stringify(last)}`, { cause: error })
  })
}
