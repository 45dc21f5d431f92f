/** What bringing a database to a spec would do. Answers `?dryRun=true`; nothing is changed by asking. */
export interface Plan {
  /** Names of the steps in order, as `Progress.step` will report them. Empty when the spec is already in effect. */
  readonly steps: readonly string[]
  /** What a connected client will notice. `reload`: nothing. `restart`: connections are cut once. */
  readonly interruption: 'none' | 'reload' | 'restart'
  /** Why, in sentences for people: one for each change that interrupts. */
  readonly reasons: readonly string[]
  /** Why it cannot be done: field (JSON pointer into the database's wire form) and sentence. Empty when it can. */
  readonly refusals: readonly Refusal[]
}

export interface Refusal {
  /** JSON pointer such as `/storageGib` or `/parameters/work_mem`. */
  readonly pointer: string
  readonly detail: string
}

/** One bounded move of `ensure` or `destroy`. "Not yet" is a value, not an error. */
export type Progress
  /** The spec is in effect. */
  = | { readonly outcome: 'done' }
  /** `step` has finished; call again at once. */
    | { readonly outcome: 'continue', readonly step: string }
  /** `step` goes on by itself; call again after `afterMs` or when `watch` says something. */
    | { readonly outcome: 'wait', readonly step: string, readonly afterMs: number, readonly reason: string }
  /** It cannot be done; calling again with the same spec will not help until `nextStep` was done. */
    | { readonly outcome: 'failed', readonly step: string, readonly reason: string, readonly message: string, readonly nextStep: string }
