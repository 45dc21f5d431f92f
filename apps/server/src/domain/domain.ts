import type { Engine } from '@howdah/engine'
import type { DatabaseRow } from '../store/databases.ts'
import type { Store } from '../store/db.ts'
import type { Logger } from '../telemetry/log.ts'
import type { SecretBox } from './sealed.ts'

/** What use cases work with. Made once, in compose.ts. */
export interface Domain {
  /** Of this process, as it calls the workers of others. */
  readonly id: string
  readonly store: Store
  /** Reads one database; many at once share a statement. For the hottest path of all. */
  readonly readDatabase: (projectId: string, name: string) => Promise<DatabaseRow | undefined>
  readonly box: SecretBox
  /** Location name → engine; the first one is the default. */
  readonly engines: ReadonlyMap<string, Engine>
  readonly log: Logger
  /** Path of a file with the CA's certificate of a location: what `sslrootcert` of a connection string names. */
  readonly caFile: (location: string, caCertificate: string) => string
  /** Called after a commit that queued work, so that a worker in this process need not wait for the notification. */
  readonly wake: () => void
}
