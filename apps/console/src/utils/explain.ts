import { ConnectionError, DeadlineError, HowdahError } from '@howdah/sdk'

/** What went wrong, in words for the one place where errors are shown. */
export interface Explanation {
  readonly title: string
  readonly detail: string
  readonly nextStep: string
  /** Names the request in the server's log. */
  readonly requestId: string
  /** JSON pointer of a field → what is wrong with it. */
  readonly fields: Readonly<Record<string, string>>
}

export function explain(error: unknown): Explanation {
  if (error instanceof HowdahError) {
    return {
      title: error.title,
      detail: error.detail === error.title ? '' : error.detail,
      nextStep: error.code === 'internal' ? 'Try again. If it happens again, look for the request id in the server\'s log.' : '',
      requestId: error.status >= 500 ? error.requestId : '',
      fields: Object.fromEntries(error.errors.map(({ pointer, detail }) => [pointer, detail])),
    }
  }
  if (error instanceof ConnectionError)
    return plain('The server cannot be reached', 'Nothing that you entered is lost.', 'It is tried again by itself; check that the server runs.')
  if (error instanceof DeadlineError)
    return plain('The server did not answer in time', 'The work may still go on.', 'Look at the operations before you do it again.')
  return plain('Something is wrong in this page', error instanceof Error ? error.message : String(error), 'Reload the page.')
}

function plain(title: string, detail: string, nextStep: string): Explanation {
  return { title, detail, nextStep, requestId: '', fields: {} }
}
