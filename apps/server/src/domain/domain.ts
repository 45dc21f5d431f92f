import type { Engine } from '@howdah/engine'
import type { Store } from '../store/db.ts'
import type { Logger } from '../telemetry/log.ts'
import type { SecretBox } from './sealed.ts'

/** What use cases work with. Made once, in compose.ts. */
export interface Domain {
  readonly store: Store
  readonly box: SecretBox
  /** Location name → engine; the first one is the default. */
  readonly engines: ReadonlyMap<string, Engine>
  readonly log: Logger
  /** Called after a commit that queued work, so that a worker in this process need not wait for the notification. */
  readonly wake: () => void
}
