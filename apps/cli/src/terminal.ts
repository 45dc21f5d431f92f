/** Where a command runs: everything of the process that it may touch. Tests give their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Standard output: what was asked for, and nothing else. */
  readonly out: (text: string) => void
  /** Standard error: progress, questions, hints and errors. */
  readonly err: (text: string) => void
  /** Width of standard output; undefined: not a terminal, so nothing is cut. */
  readonly columns: number | undefined
  readonly hasColourOut: boolean
  readonly hasColourErr: boolean
  /** Progress may be drawn over itself. */
  readonly isErrTerminal: boolean
  /** Someone can be asked. */
  readonly isInteractive: boolean
  /** All of standard input. */
  readonly readStdin: () => Promise<string>
  readonly now: () => number
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}
