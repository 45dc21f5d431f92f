import type { operations } from './generated/api.ts'
import type { routes } from './generated/registry.ts'
import type { Plan } from './models.ts'

/** Name of an endpoint in the contract, such as `databases.create`. */
export type EndpointId = keyof typeof routes & keyof operations

type Parameters<Id extends EndpointId> = operations[Id]['parameters']
type PathOf<Id extends EndpointId> = Parameters<Id>['path']
type QueryOf<Id extends EndpointId> = Parameters<Id>['query']
type BodyOf<Id extends EndpointId> = operations[Id] extends { requestBody: { content: { 'application/json': infer Body } } } ? Body : undefined
type Field<Name extends string, Value> = [Value] extends [undefined] ? { readonly [Key in Name]?: undefined } : { readonly [Key in Name]: Value }
type OptionalField<Name extends string, Value> = { readonly [Key in Name]?: NonNullable<Value> }

/** What the contract lets a request carry. */
export type Input<Id extends EndpointId> = Field<'path', PathOf<Id>> & Field<'body', BodyOf<Id>> & OptionalField<'query', QueryOf<Id>>

/** The query parameters of a list, without what the client turns pages with. */
export type Filter<Id extends EndpointId> = Omit<NonNullable<QueryOf<Id>>, 'cursor'>

type JsonOf<Response> = Response extends { content: { 'application/json': infer Json } } ? Json : undefined
type Success = 200 | 201 | 202 | 204

/** The body of a successful answer; undefined where there is none. */
export type Answer<Id extends EndpointId> = {
  [Status in keyof operations[Id]['responses'] & Success]: JsonOf<operations[Id]['responses'][Status]>
}[keyof operations[Id]['responses'] & Success]

/** For every call. */
export interface CallOptions {
  /** Ends the call, its retries included. */
  readonly signal?: AbortSignal
  /** Most time that the call with all its retries may take. Default: the client's */
  readonly deadlineMs?: number
}

/** For every change of a database and of what is in it. */
export interface ChangeOptions extends CallOptions {
  /** True: answer what it would do, and do nothing. */
  readonly dryRun?: boolean
  /** The server holds its answer until the work has ended, for so many seconds (at most 60). */
  readonly waitSeconds?: number
}

/** For every POST that makes or starts something. */
export interface CreateOptions extends ChangeOptions {
  /** Same key and same body: the same answer, done once. Default: a new random key, so that repeating is safe */
  readonly idempotencyKey?: string
}

/** For changes of what was read before. */
export interface UpdateOptions extends ChangeOptions {
  /** `generation` of the database that the change is based on; `stale` when it has changed since. */
  readonly ifGeneration?: number
}

/** For changes of a database that may wait. */
export interface DatabaseUpdateOptions extends UpdateOptions {
  /** `maintenance-window`: the change waits as an operation, `scheduledOperation` of the answer. Default: now */
  readonly apply?: 'now' | 'maintenance-window'
}

/** For the delete of a database. */
export interface DatabaseDeleteOptions extends UpdateOptions {
  /** True: its volumes stay. Default: false */
  readonly keepVolumes?: boolean
}

/** A plan for `dryRun: true`, the changed thing otherwise. */
export type Changed<Options extends ChangeOptions, Thing>
  = Options extends { readonly dryRun: true } ? Plan
    : Options extends { readonly dryRun: false } ? Thing
      : 'dryRun' extends keyof Options ? Plan | Thing : Thing
