import type { CallOptions, Changed, ChangeOptions, CreateOptions } from '../call.ts'
import type { Listing } from '../listing.ts'
import type { Db, DbCreate, Operation } from '../models.ts'
import type { Transport } from '../transport.ts'
import { listing } from '../listing.ts'

/** Logical databases inside a database: `client.dbs`. */
export function dbs(transport: Transport) {
  return {
    list: (database: string, options?: CallOptions): Listing<Db> =>
      listing(() => transport.call('dbs.list', {
        path: { name: database },
      }, options)),

    create: <O extends CreateOptions = CallOptions>(database: string, body: DbCreate, options?: O): Promise<Changed<O, Db>> =>
      transport.change('dbs.create', {
        path: { name: database },
        body,
      }, options),

    get: (database: string, db: string, options?: CallOptions): Promise<Db> =>
      transport.call('dbs.get', {
        path: { name: database, db },
      }, options),

    /** Drop it and its data. */
    delete: <O extends ChangeOptions = CallOptions>(database: string, db: string, options?: O): Promise<Changed<O, Operation>> =>
      transport.change('dbs.delete', {
        path: { name: database, db },
      }, options),
  }
}

export type Dbs = ReturnType<typeof dbs>
