import type { Endpoint, EndpointId } from '@howdah/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Server } from 'node:http'
import type { Caller, Origin, Principal } from '../domain/caller.ts'
import type { Domain } from '../domain/domain.ts'
import type { FieldError } from '../domain/errors.ts'
import type { ConsolePages } from './plugins/console.ts'
import type { Answer, Input, Route } from './route.ts'
import type { Services } from './services.ts'
import { randomUUID } from 'node:crypto'
import { METHODS } from 'node:http'
import cookie from '@fastify/cookie'
import { endpoints } from '@howdah/contract'
import Fastify, { LogController } from 'fastify'
import { AppError, notFound } from '../domain/errors.ts'
import { asFailure } from '../domain/failures.ts'
import { idempotencyKey, replay } from '../domain/idempotency.ts'
import { answerClientError } from './client-error.ts'
import { parseHeaders } from './headers.ts'
import { jsonOf } from './kept-json.ts'
import { serveDocsAssets } from './plugins/docs.ts'
import { asAppError, problem } from './problem.ts'
import { routes } from './routes/index.ts'
import { compile } from './validation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | undefined
    /** When the request came in, for its metrics and its log line. */
    startedAt: number
  }
}

export interface AppOptions {
  readonly domain: Domain
  readonly services: Services
  readonly trustProxy: boolean
  /** Answers what is no endpoint; undefined: an API without a console. */
  readonly consolePages?: ConsolePages | undefined
  /** True: a process that is a worker only, which says how it is and answers nothing else. */
  readonly isHealthOnly?: boolean
  /** Called with every unexpected error; tests re-throw there, so that no 500 goes by unseen. */
  readonly onBug?: (error: unknown) => void
}

const bodyLimit = 256 * 1024
const healthEndpoints: ReadonlySet<EndpointId> = new Set(['system.health', 'system.ready', 'system.metrics'])

/** The HTTP server: every endpoint of the contract, the console, and nothing else. Not listening yet. */
export async function createApp({ domain, services, trustProxy, consolePages, isHealthOnly = false, onBug }: AppOptions): Promise<FastifyInstance> {
  const app = Fastify<Server>({
    loggerInstance: domain.log,
    // One line per request is ours, below; the framework's two say less.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit,
    trustProxy,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Slow clients must not hold sockets; streams answer at once and are not concerned.
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false },
    // A name that no URL can carry, or that is longer than any, is the name of nothing.
    frameworkErrors: (_, request, reply) => void answerProblem(notFound(), request, reply),
    clientErrorHandler: answerClientError,
  }) as unknown as FastifyInstance

  await app.register(cookie)
  app.decorateRequest('principal', undefined)
  app.decorateRequest('startedAt', 0)
  // Validation is ours (see validation.ts): it tells every problem at once, with pointers.
  app.setValidatorCompiler(() => () => true)
  // JSON is all that is read; the framework would take plain text as well.
  app.removeContentTypeParser(['text/plain', 'application/json'])
  const parseJson = app.getDefaultJsonParser('error', 'remove')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Many clients name the type of every body, also of none; where none is needed, none is missing.
    const { endpoint } = request.routeOptions.config as { endpoint?: EndpointId }
    if (body === '' && endpoint !== undefined && !('body' in endpoints[endpoint]))
      done(null)
    else
      void parseJson(request, body, done)
  })
  app.setSerializerCompiler(() => data => JSON.stringify(data))

  // Every method that HTTP has finds its way to the handler for what is not there, which answers 405.
  for (const method of METHODS.filter(name => name !== 'CONNECT' && !app.supportedMethods.includes(name)))
    app.addHttpMethod(method, { hasBody: true })
  instrument(app, services)

  // A path that does not know the method says so, whatever its body was worth.
  app.setErrorHandler((error, request, reply) => request.is404 ? answerMissing(request, reply) : answerProblem(error, request, reply))
  app.setNotFoundHandler(answerMissing)
  function answerMissing(request: FastifyRequest, reply: FastifyReply) {
    const allowed = isHealthOnly ? [] : methodsOf(request.url.split('?')[0]!)
    if (allowed.length === 0)
      return consolePages?.(request, reply) ? reply : answerProblem(notFound(), request, reply)
    void reply.header('Allow', allowed.join(', '))
    return answerProblem(new AppError('method-not-allowed', `This path answers ${allowed.join(', ')}.`), request, reply)
  }

  function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply) {
    const known = asAppError(error)
    if (!known) {
      services.metrics.bugs.inc()
      request.log.error({ err: error }, 'unexpected error')
      onBug?.(error)
    }
    else if (known.cause !== undefined) {
      request.log.warn({ err: known.cause, code: known.code }, 'request failed')
    }
    const body = problem(known, request.id)
    if (known?.retryAfter !== undefined)
      void reply.header('Retry-After', String(known.retryAfter))
    if (body.status === 401)
      void reply.header('WWW-Authenticate', 'Bearer')
    return reply.code(body.status).type('application/problem+json').send(JSON.stringify(body))
  }

  if (!isHealthOnly)
    serveDocsAssets(app)
  for (const entry of routes.filter(({ id }) => !isHealthOnly || healthEndpoints.has(id)))
    mount(app, domain, services, entry)
  return app
}

function mount(app: FastifyInstance, domain: Domain, services: Services, { id, handler }: Route): void {
  const endpoint: Endpoint = endpoints[id]
  const checks = {
    params: endpoint.params && compile(endpoint.params, 'params'),
    query: compile(endpoint.query ?? { type: 'object', additionalProperties: false, properties: {} }, 'query'),
    body: endpoint.body && compile(endpoint.body, 'body'),
  }
  app.route({
    method: endpoint.method,
    url: endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    config: { endpoint: id },
    // Before the body is read: who may not call costs nothing, and learns nothing from how it is answered.
    onRequest(request, reply, done) {
      const { access } = endpoint
      // What needs no credential answers whatever is sent as one.
      if (access === 'public')
        return done()
      services.authenticate(request, reply).then((principal) => {
        request.principal = principal
        authorize(principal, access, (request.params as { project?: string }).project, (refused) => {
          services.access.noteDenial({ principal: refused, origin: originOf(request) }, id, request.url.split('?')[0]!)
        })
      }).then(() => done(), done)
    },
    async handler(request, reply) {
      const problems: FieldError[] = [
        ...(checks.params?.(request.params) ?? []),
        ...checks.query(request.query),
        ...(checks.body?.(request.body ?? undefined) ?? []),
      ]
      const headers = parseHeaders(endpoint, request.headers, problems)
      if (problems.length > 0) {
        throw new AppError('invalid', problems.length === 1
          ? 'One field is not right.'
          : `${problems.length} fields are not right.`, { errors: problems })
      }
      const origin = originOf(request)
      const caller: Caller | undefined = request.principal && { principal: request.principal, origin }
      const idempotency = headers.idempotencyKey !== undefined && request.principal
        ? idempotencyKey(request.principal, request.method, request.url, headers.idempotencyKey, request.body)
        : undefined
      const input = {
        domain,
        services,
        caller,
        origin,
        params: request.params,
        query: request.query,
        body: request.body,
        idempotency,
        ifMatch: headers.ifMatch,
        wait: headers.wait,
        request,
        reply,
      } as unknown as Input<EndpointId>

      const before = idempotency && await replay(domain, idempotency)
      const output = before ?? await handler(input).catch(async (error: unknown) => {
        // Another request with the same key was faster: its answer is ours. It shows as the key that is taken, or as
        // whatever its change has made impossible.
        const theirs = idempotency && asFailure(error)?.code !== 'unavailable'
          ? await replay(domain, idempotency)
          : undefined
        if (!theirs)
          throw error
        return theirs
      })
      if (output === undefined)
        return reply
      const { status, body, headers: extra = {}, type = endpoint.produces }: Answer = output
      for (const [name, value] of Object.entries(extra))
        void reply.header(name, value)
      void reply.code(status)
      if (body === undefined)
        return reply.send()
      if (type && type !== 'application/json')
        return reply.type(type).send(body)
      return reply.type('application/json; charset=utf-8').send(jsonOf(body))
    },
  })
}

function authorize(principal: Principal | undefined, access: Exclude<Endpoint['access'], 'public'>, project: string | undefined, onDenied: (principal: Principal) => void): void {
  if (!principal)
    throw new AppError('unauthenticated', 'Send a token of POST /api/auth/login, or an API key, as Authorization: Bearer.')
  // Before 403, which would tell that the project exists.
  if (project !== undefined && project !== principal.project.name && !principal.isOperator)
    throw notFound()
  if (access !== 'any' && !principal.actions.has(access)) {
    onDenied(principal)
    throw new AppError('forbidden', `The action ${access} is not allowed to this credential. An admin of the project can change its role.`)
  }
}

function originOf(request: FastifyRequest): Origin {
  return { requestId: request.id, sourceIp: request.ip, userAgent: request.headers['user-agent']?.slice(0, 300) ?? null }
}

const paths = [
  ...new Set(Object.values(endpoints).map(endpoint => endpoint.path)),
]
const patterns = paths.map(path => ({
  path,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))

function methodsOf(path: string): string[] {
  const found = patterns.find(({ pattern }) => pattern.test(path))
  return Object.values(endpoints).filter(endpoint => endpoint.path === found?.path).map(endpoint => endpoint.method)
}

/** Metrics and the one log line of each request. */
function instrument(app: FastifyInstance, { metrics }: Services): void {
  const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'none'
  // Hooks that wait for nothing are plain functions: a promise for each would cost every request.
  app.addHook('onRequest', (request, reply, done) => {
    request.startedAt = performance.now()
    metrics.inFlight.inc({
      method: request.method,
      route: routeOf(request),
    })
    void reply.header('X-Request-Id', request.id)
    void reply.header('X-Content-Type-Options', 'nosniff')
    void reply.header('Cache-Control', 'no-store')
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const seconds = (performance.now() - request.startedAt) / 1000
    const labels = {
      method: request.method,
      route: routeOf(request),
      status: String(reply.statusCode),
    }
    metrics.inFlight.dec({
      method: request.method,
      route: routeOf(request),
    })
    metrics.requests.inc(labels)
    metrics.duration.observe(labels, seconds)
    request.log.info({
      method: request.method,
      path: request.url.split('?')[0],
      status: reply.statusCode,
      ms: Math.round(seconds * 10_000) / 10,
      actor: request.principal?.label,
      ip: request.ip,
    }, 'request')
    done()
  })
}
