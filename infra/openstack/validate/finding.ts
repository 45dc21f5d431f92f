/** What one check found about one thing. A failure says where to look and what to do next. */
export type Finding = Passed | Failed | Skipped

interface Passed {
  readonly outcome: 'passed'
  readonly check: string
  readonly service: string
  readonly detail: string
}

interface Failed {
  readonly outcome: 'failed'
  readonly check: string
  readonly service: string
  readonly detail: string
  /** The file of the service that says more, or the line that was found in it. */
  readonly log: string
  readonly next: string
}

interface Skipped {
  readonly outcome: 'skipped'
  readonly check: string
  readonly service: string
  readonly detail: string
}
