import type { CallOptions, Changed, ChangeOptions, CreateOptions } from '../call.ts'
import type { Listing } from '../listing.ts'
import type { Backup, DeletedDatabase, Operation, RestorePoint, RestoreWindow } from '../models.ts'
import type { Transport } from '../transport.ts'
import type { MakeOptions } from './access.ts'
import { listing } from '../listing.ts'

/** Base backups of a database: `client.backups`. To restore is to create: `databases.create({ name, from })`. */
export function backups(transport: Transport) {
  return {
    /** Complete ones, newest first. */
    list: (database: string, options?: CallOptions): Listing<Backup> =>
      listing(() => transport.call('backups.list', {
        path: { name: database },
      }, options)),

    /** Take one now; `target` of the operation is its id. `method`: `snapshot` where the location has them; default: into the archive. */
    create: <O extends CreateOptions = CallOptions>(database: string, how: { readonly method?: Backup['method'] } = {}, options?: O): Promise<Changed<O, Operation>> =>
      transport.change('backups.create', {
        path: { name: database },
        query: how,
      }, options),

    /** Prove the newest one by restoring it beside the original: its `proof` says what was found. */
    drill: <O extends CreateOptions = CallOptions>(database: string, options?: O): Promise<Changed<O, Operation>> =>
      transport.change('backups.drill', {
        path: { name: database },
      }, options),

    get: (database: string, backup: string, options?: CallOptions): Promise<Backup> =>
      transport.call('backups.get', {
        path: { name: database, backup },
      }, options),

    delete: <O extends ChangeOptions = CallOptions>(database: string, backup: string, options?: O): Promise<Changed<O, Operation>> =>
      transport.change('backups.delete', {
        path: { name: database, backup },
      }, options),

    /** Databases that are gone and whose archives are kept: `from: { database: id }` brings one back. */
    listDeleted: (options?: CallOptions): Listing<DeletedDatabase> =>
      listing(() => transport.call('deletedDatabases.list', {}, options)),

    /** From when to when one of these can be restored. */
    deletedWindow: (id: string, options?: CallOptions): Promise<RestoreWindow> =>
      transport.call('deletedDatabases.restoreWindow', {
        path: { id },
      }, options),

    /** From when to when the database can be restored, and the gaps in between. */
    restoreWindow: (database: string, options?: CallOptions): Promise<RestoreWindow> =>
      transport.call('databases.restoreWindow', {
        path: { name: database },
      }, options),
  }
}

/** Moments with a name: `client.restorePoints`. */
export function restorePoints(transport: Transport) {
  return {
    list: (database: string, options?: CallOptions): Listing<RestorePoint> =>
      listing(() => transport.call('restorePoints.list', {
        path: { name: database },
      }, options)),

    /** Give this moment a name. */
    create: (database: string, name: string, options?: MakeOptions): Promise<RestorePoint> =>
      transport.call('restorePoints.create', {
        path: { name: database },
        body: { name },
      }, options),
  }
}

export type Backups = ReturnType<typeof backups>
export type RestorePoints = ReturnType<typeof restorePoints>
