import type { CallOptions, Changed, ChangeOptions, CreateOptions } from '../call.ts'
import type { Listing } from '../listing.ts'
import type { DatabaseUser, DatabaseUserCreate, DatabaseUserUpdate, Operation } from '../models.ts'
import type { Transport } from '../transport.ts'
import { listing } from '../listing.ts'

/** PostgreSQL roles of a database: `client.users`. */
export function users(transport: Transport) {
  return {
    list: (database: string, options?: CallOptions): Listing<DatabaseUser> =>
      listing(() => transport.call('users.list', {
        path: { name: database },
      }, options)),

    /** Without a password one is generated; `databases.connection(name, { role })` reveals it. */
    create: <O extends CreateOptions = CallOptions>(database: string, body: DatabaseUserCreate, options?: O): Promise<Changed<O, DatabaseUser>> =>
      transport.change('users.create', {
        path: { name: database },
        body,
      }, options),

    get: (database: string, user: string, options?: CallOptions): Promise<DatabaseUser> =>
      transport.call('users.get', {
        path: { name: database, user },
      }, options),

    update: <O extends ChangeOptions = CallOptions>(database: string, user: string, body: DatabaseUserUpdate, options?: O): Promise<Changed<O, DatabaseUser>> =>
      transport.change('users.update', {
        path: { name: database, user },
        body,
      }, options),

    /** Give the user a new generated password. */
    resetPassword: <O extends CreateOptions = CallOptions>(database: string, user: string, options?: O): Promise<Changed<O, Operation>> =>
      transport.change('users.resetPassword', {
        path: { name: database, user },
      }, options),

    /** Drop the user; what it owns goes to the database's owner. */
    delete: <O extends ChangeOptions = CallOptions>(database: string, user: string, options?: O): Promise<Changed<O, Operation>> =>
      transport.change('users.delete', {
        path: { name: database, user },
      }, options),
  }
}

export type Users = ReturnType<typeof users>
