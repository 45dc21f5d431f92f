import type { EndpointId, endpoints } from '@howdah/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { Caller, Origin } from '../domain/caller.ts'
import type { Domain } from '../domain/domain.ts'
import type { IdempotencyKey } from '../domain/idempotency.ts'
import type { Services } from './services.ts'

type Table = typeof endpoints
type Part<Id extends EndpointId, Name extends 'params' | 'query' | 'body'> = Table[Id] extends { readonly [K in Name]: infer S extends TSchema } ? Static<S> : undefined
type Statuses<Id extends EndpointId> = Table[Id]['responses']

/** What a handler gets: checked input, the caller, the use cases. */
export interface Input<Id extends EndpointId> {
  readonly domain: Domain
  readonly services: Services
  /** Undefined only on public endpoints. */
  readonly caller: Table[Id]['access'] extends 'public' ? Caller | undefined : Caller
  readonly origin: Origin
  readonly params: Part<Id, 'params'>
  readonly query: Part<Id, 'query'>
  readonly body: Part<Id, 'body'>
  /** Parsed headers, where the endpoint takes them. */
  readonly idempotency: IdempotencyKey | undefined
  /** Generation from If-Match; undefined when absent or `*`. */
  readonly ifMatch: number | undefined
  /** Seconds of `Prefer: wait=N`; 0 when absent. */
  readonly wait: number
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** One answer out of those that the contract lists. */
export type Output<Id extends EndpointId> = {
  [S in keyof Statuses<Id>]: {
    readonly status: S extends `${infer N extends number}` ? N : S
    readonly body: Statuses<Id>[S] extends TSchema ? Static<Statuses<Id>[S]> : undefined
    readonly headers?: Readonly<Record<string, string>>
    /** For endpoints that can answer other than JSON. */
    readonly type?: string
  }
}[keyof Statuses<Id>]

/** Undefined: the handler has taken the connection over (a stream). */
export type Handler<Id extends EndpointId> = (input: Input<Id>) => Promise<Output<Id> | undefined>

/** An output whose endpoint is no longer known to the compiler. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly type?: string
}

export interface Route {
  readonly id: EndpointId
  readonly handler: (input: Input<EndpointId>) => Promise<Answer | undefined>
}

/** Binds a handler to its entry in the contract. */
export function route<Id extends EndpointId>(id: Id, handler: Handler<NoInfer<Id>>): Route {
  // The table gave the handler its types; the app checks the input against the same schemas before it calls.
  return { id, handler: handler as unknown as Route['handler'] }
}
