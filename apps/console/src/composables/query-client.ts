import { ConnectionError, DeadlineError, HowdahError } from '@howdah/sdk'
import { QueryClient } from '@tanstack/vue-query'

/** The event stream keeps what is shown fresh, so nothing is read again merely because time has passed. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      networkMode: 'always',
      // The SDK has repeated it already; a server that is gone is asked until it is back.
      retry: (_, error) => isPassing(error),
      retryDelay: attempt => Math.min(500 * 2 ** attempt, 5000),
    },
    mutations: { retry: false, networkMode: 'always' },
  },
})

function isPassing(error: unknown): boolean {
  return error instanceof ConnectionError || error instanceof DeadlineError || (error instanceof HowdahError && error.code === 'unavailable')
}
