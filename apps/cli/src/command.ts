import type { Context } from './context.ts'
import type { View } from './output/view.ts'

/** A word of the command line: its place in the help, and how it is read. */
export interface Parameter<T> {
  readonly kind: 'argument' | 'option'
  /** As commander writes it: `<NAME>`, `[NAME]`, `--storage <size>`. */
  readonly usage: string
  readonly description: string
  /** What commander collected → the value. Throws `UsageError`. */
  readonly read: (raw: unknown) => T
  readonly isMany?: boolean
  readonly choices?: readonly string[]
  /** What a shell can offer for it. */
  readonly completes?: 'database'
  /** JSON pointer of the field that it sets, so that an error about the field can name the option. */
  readonly field?: string
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>
export type Input<P extends Parameters> = { readonly [Key in keyof P]: P[Key] extends Parameter<infer T> ? T : never }

/** One verb of one noun: data for help, parsing and completion, and a handler. */
export interface Command<P extends Parameters = Parameters> {
  readonly summary: string
  readonly description?: string
  readonly examples?: readonly string[]
  readonly parameters: P
  /** Not in the help: for programs. */
  readonly isHidden?: boolean
  /** What was asked for, to be printed in the format that was asked for; or an exit code. */
  readonly run: (context: Context, input: Input<P>) => Promise<View | number | void>
}

export function defineCommand<P extends Parameters>(command: Command<P>): Command {
  // Handlers take what their own parameters give; whoever runs one reads its parameters first.
  return command as unknown as Command
}

/** A noun with its verbs. */
export interface CommandGroup {
  readonly summary: string
  readonly verbs: Readonly<Record<string, Command>>
}

/** Nouns, and verbs that stand alone. */
export type CommandTree = Readonly<Record<string, Command | CommandGroup>>
