import type { CallOptions, Changed, CreateOptions, DatabaseDeleteOptions, DatabaseUpdateOptions, Filter } from '../call.ts'
import type { EventHub } from '../event-hub.ts'
import type { FollowOptions } from '../follow.ts'
import type { Listing } from '../listing.ts'
import type { AuditEntry, Connection, Database, DatabaseCreate, DatabaseUpdate, Diagnosis, Extension, LogRecord, Metrics, Operation, Parameter, Restore, SchemaDiff, ServiceEvent, Upgrade, UpgradeOrder, UpgradeRehearse } from '../models.ts'
import type { Transport } from '../transport.ts'
import type { WaitOptions } from '../wait.ts'
import { PhaseError } from '../errors.ts'
import { follow } from '../follow.ts'
import { listing } from '../listing.ts'
import { waitFor } from '../wait.ts'

/** Managed PostgreSQL servers: `client.databases`. */
export function databases(transport: Transport, hub: EventHub) {
  type DatabaseAction = 'databases.restart' | 'databases.hibernate' | 'databases.resume' | 'databases.rotateCredentials' | 'databases.undoRestore' | 'databases.reset'

  function action(id: DatabaseAction) {
    return <O extends CreateOptions = CallOptions>(name: string, options?: O): Promise<Changed<O, Operation>> =>
      transport.change(id, {
        path: { name },
      }, options)
  }

  return {
    /** All databases of the project, or those that the filter keeps. */
    list: (filter: Filter<'databases.list'> = {}, options?: CallOptions): Listing<Database> =>
      listing(cursor => transport.call('databases.list', {
        query: {
          ...filter,
          ...(cursor && { cursor }),
        },
      }, options)),

    /** Make a database. The answer comes at once; `waitUntilReady` waits for the rest. */
    create: <O extends CreateOptions = CallOptions>(body: DatabaseCreate, options?: O): Promise<Changed<O, Database>> =>
      transport.change('databases.create', { body }, options),

    get: (name: string, options?: CallOptions): Promise<Database> =>
      transport.call('databases.get', {
        path: { name },
      }, options),

    /** Change what is named, and only that; now, or in the maintenance window. */
    update: <O extends DatabaseUpdateOptions = CallOptions>(name: string, body: DatabaseUpdate, options?: O): Promise<Changed<O, Database>> =>
      transport.change('databases.update', {
        path: { name },
        body,
        ...(options?.apply && { query: { apply: options.apply } }),
      }, options),

    /** Delete a database and its data. With `keepVolumes` its volumes stay, where the location can (`keepVolumes` of `capabilities`). */
    delete: <O extends DatabaseDeleteOptions = CallOptions>(name: string, options?: O): Promise<Changed<O, Operation>> =>
      transport.change('databases.delete', {
        path: { name },
        ...(options?.keepVolumes && { query: { keepVolumes: true } }),
      }, options),

    restart: action('databases.restart'),
    /** Make another instance the primary: `to`, a member's name, or the replica that is furthest. Nothing committed is lost. */
    switchover: <O extends CreateOptions = CallOptions>(name: string, target: { readonly to?: string } = {}, options?: O): Promise<Changed<O, Operation>> =>
      transport.change('databases.switchover', {
        path: { name },
        query: target,
      }, options),

    /** Stop the servers and keep the data. */
    hibernate: action('databases.hibernate'),
    resume: action('databases.resume'),
    /** Give the owner a new password; the old one opens no new connection. */
    rotateCredentials: action('databases.rotateCredentials'),

    /** Restore in place: it becomes what it was at a moment, with the same address, users and passwords. `undoRestore` undoes it until `undoUntil`. */
    restore: <O extends CreateOptions = CallOptions>(name: string, body: Restore, options?: O): Promise<Changed<O, Operation>> =>
      transport.change('databases.restore', {
        path: { name },
        body,
      }, options),

    /** What it can be upgraded to, and what the last rehearsal found. */
    getUpgrade: (name: string, options?: CallOptions): Promise<Upgrade> =>
      transport.call('databases.getUpgrade', {
        path: { name },
      }, options),

    /** Do all of an upgrade to another major version to a copy, which is then removed; `getUpgrade` has the report. */
    rehearseUpgrade: <O extends CreateOptions = CallOptions>(name: string, body: UpgradeRehearse, options?: O): Promise<Changed<O, Operation>> =>
      transport.change('databases.rehearseUpgrade', {
        path: { name },
        body,
      }, options),

    /** Upgrade PostgreSQL, now or in the maintenance window. Until `undoUntil`, `undoRestore` brings another major version back. */
    upgrade: <O extends CreateOptions & Pick<DatabaseUpdateOptions, 'apply'> = CallOptions>(name: string, body: UpgradeOrder, options?: O): Promise<Changed<O, Operation>> =>
      transport.change('databases.upgrade', {
        path: { name },
        body,
        ...(options?.apply && { query: { apply: options.apply } }),
      }, options),

    /** Undo the last restore in place, reset or upgrade. */
    undoRestore: action('databases.undoRestore'),
    /** Reset a branch: it becomes what its parent is now. */
    reset: action('databases.reset'),

    /** How to connect, with the password: asking is audited. `role`: user of the database, else its owner. */
    connection: async (name: string, target: { readonly role?: string, readonly db?: string } = {}, options?: CallOptions): Promise<Connection> =>
      await transport.call('databases.connection', {
        path: { name },
        query: target,
      }, options),

    /** Let the control plane connect as a client would, and say which step fails. A connection that fails is an answer. */
    diagnose: (name: string, target: { readonly role?: string, readonly db?: string } = {}, options?: CallOptions): Promise<Diagnosis> =>
      transport.call('databases.diagnose', {
        path: { name },
        query: target,
      }, options),

    /** Databases that began as this one was. To make one: `create({ name, from: { database } })`. */
    branches: (name: string, options?: CallOptions): Listing<Database> =>
      listing(() => transport.call('databases.branches', {
        path: { name },
      }, options)),

    /** What of its schema is otherwise than in the database that it began as, or than in another one. */
    schemaDiff: (name: string, target: { readonly against?: string, readonly db?: string } = {}, options?: CallOptions): Promise<SchemaDiff> =>
      transport.call('databases.schemaDiff', {
        path: { name },
        query: target,
      }, options),

    /** The catalogue of extensions, with what is on. `update({ extensions })` changes it. */
    extensions: (name: string, options?: CallOptions): Listing<Extension> =>
      listing(() => transport.call('databases.extensions', {
        path: { name },
      }, options)),

    /** The catalogue of parameters, with what is set. `update({ parameters })` changes it. */
    parameters: (name: string, options?: CallOptions): Listing<Parameter> =>
      listing(() => transport.call('databases.parameters', {
        path: { name },
      }, options)),

    /** What was measured once a minute in the last 24 hours. A gap is null. */
    metrics: (name: string, query: Filter<'databases.metrics'> = {}, options?: CallOptions): Promise<Metrics> =>
      transport.call('databases.metrics', {
        path: { name },
        query,
      }, options),

    /** Audit entries of the database, newest first. */
    logs: (name: string, filter: Filter<'databases.logs'> = {}, options?: CallOptions): Listing<AuditEntry> =>
      listing(cursor => transport.call('databases.logs', {
        path: { name },
        query: {
          ...filter,
          ...(cursor && { cursor }),
        },
      }, options)),

    /** What happened to the database, newest first. */
    serviceLogs: (name: string, filter: Filter<'databases.serviceLogs'> = {}, options?: CallOptions): Listing<ServiceEvent> =>
      listing(cursor => transport.call('databases.serviceLogs', {
        path: { name },
        query: {
          ...filter,
          ...(cursor && { cursor }),
        },
      }, options)),

    /** PostgreSQL's own log, newest first. */
    serverLogs: (name: string, filter: Filter<'databases.serverLogs'> = {}, options?: CallOptions): Listing<LogRecord> =>
      listing(cursor => transport.call('databases.serverLogs', {
        path: { name },
        query: {
          ...filter,
          ...(cursor && { cursor }),
        },
      }, options)),

    /**
     * PostgreSQL's own log as it is written, from now on; comes back by itself when the connection breaks. Records of
     * the time between are not repeated: `serverLogs` has them.
     */
    followServerLogs: (name: string, filter: Pick<Filter<'databases.serverLogs'>, 'severity' | 'contains' | 'member'> = {}, options: FollowOptions = {}): AsyncGenerator<LogRecord> =>
      follow(transport, 'databases.serverLogs', {
        path: { name },
        query: filter,
      }, options),

    /**
     * Wait until the database is `ready` and nothing is being done to it. Throws `PhaseError` when it ends in a phase
     * that does not become ready by itself.
     */
    waitUntilReady: async (name: string, options?: WaitOptions<Database>): Promise<Database> => {
      const database = await waitFor(hub, {
        what: `Waiting until ${name} is ready`,
        read: signal => transport.call('databases.get', {
          path: { name },
        }, { signal }),
        pick: event => event.name === name
          ? event.database
          : undefined,
        isDone: isSettled,
      }, options)
      if (database.phase !== 'ready')
        throw new PhaseError(database)
      return database
    },
  }
}

const settled: readonly Database['phase'][] = [
  'ready',
  'failed',
  'hibernated',
  'deleting',
]

function isSettled(database: Database): boolean {
  return settled.includes(database.phase) && (database.operation === null || database.phase === 'deleting')
}

export type Databases = ReturnType<typeof databases>
