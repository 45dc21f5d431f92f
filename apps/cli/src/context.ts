import type { HowdahClient } from '@howdah/sdk'
import type { Connection } from './connect/connection.ts'
import type { View } from './output/view.ts'
import type { Terminal } from './terminal.ts'

/** What every command can be told. */
export interface GlobalOptions {
  readonly url: string | undefined
  readonly project: string | undefined
}

/** What a handler works with. */
export interface Context {
  readonly terminal: Terminal
  readonly options: GlobalOptions
  /** Where to and as whom; found when it is first asked for. */
  readonly connection: () => Connection
  readonly client: () => Promise<HowdahClient>
  /** Standard output, one record of a stream. */
  readonly record: (view: View) => void
  /** Standard error, a line for people; not with `-o json` and `-o yaml`. */
  readonly hint: (line: string) => void
}
