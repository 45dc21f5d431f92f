import type { TSchema } from 'typebox'
import type { Endpoint } from './endpoint.ts'
import type { ErrorCode } from './errors.ts'
import { Problem } from './common.ts'
import { errorsOf } from './endpoint.ts'
import { endpoints } from './endpoints.ts'
import { errors } from './errors.ts'
import { ServerSentEvent, StreamEvent } from './history.ts'

type Json = Record<string, unknown>

const headers = {
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: 128,
      pattern: '^[!-~]+$',
    },
    description: 'Same key and same body within 24 hours: the same answer, done once',
  },
  ifMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    schema: { type: 'string', maxLength: 128, pattern: '^("[0-9]+"|\\*)$' },
    description: 'ETag that the change is based on; 412 when it has changed since',
  },
  prefer: {
    name: 'Prefer',
    in: 'header',
    required: false,
    schema: { type: 'string' },
    description: '`wait=N`: answer when the operation has ended or N seconds (at most 60) have passed',
  },
  lastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    required: false,
    schema: { type: 'string', maxLength: 40, pattern: '^[0-9]+$' },
    description: 'Resume after this event',
  },
}

/** Moves every schema with a title into `components.schemas` and leaves a reference. */
function collector() {
  const components: Record<string, Json> = {}
  function refer(schema: unknown): unknown {
    if (Array.isArray(schema))
      return schema.map(refer)
    if (typeof schema !== 'object' || schema === null)
      return schema
    const { title, ...rest } = schema as Json
    const walked = (value: Json): Json => Object.fromEntries(Object.entries(value).map(([key, item]) => [
      key,
      key === 'properties' || key === 'patternProperties'
        ? Object.fromEntries(Object.entries(item as Json).map(([name, property]) => [
            name,
            refer(property),
          ]))
        : refer(item),
    ]))
    if (typeof title !== 'string')
      return walked(rest)
    if (!components[title]) {
      components[title] = {}
      components[title] = walked(rest)
    }
    return { $ref: `#/components/schemas/${title}` }
  }
  return { components, refer }
}

function parameters(endpoint: Endpoint, id: string, refer: (schema: unknown) => unknown): unknown[] {
  const inPath = Object.entries(endpoint.params?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    schema: refer(schema),
  }))
  const required = new Set<string>((endpoint.query as { required?: string[] } | undefined)?.required ?? [])
  const inQuery = Object.entries(endpoint.query?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema: refer(schema),
  }))
  return [
    ...inPath,
    ...inQuery,
    ...(endpoint.idempotent
      ? [headers.idempotencyKey]
      : []),
    ...(endpoint.ifMatch
      ? [headers.ifMatch]
      : []),
    ...(endpoint.wait
      ? [headers.prefer]
      : []),
    ...(id === 'events.stream'
      ? [headers.lastEventId]
      : []),
  ]
}

function responses(endpoint: Endpoint, refer: (schema: unknown) => unknown): Json {
  const result: Json = {}
  for (const [status, schema] of Object.entries(endpoint.responses) as [string, TSchema | null][]) {
    const content: Json = {}
    if (schema) {
      content[endpoint.produces ?? 'application/json'] = {
        schema: refer(schema),
      }
    }
    if (endpoint.stream) {
      content['text/event-stream'] = {
        schema: refer(ServerSentEvent),
      }
    }
    const isConnection = endpoint.path.endsWith('/connection')
    if (isConnection) {
      content['text/plain'] = {
        schema: { type: 'string' },
      }
    }
    result[status] = {
      description: description(Number(status)),
      ...(Object.keys(content).length > 0
        ? { content }
        : {}),
    }
  }
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of errorsOf(endpoint)) {
    byStatus.set(errors[code].status, [
      ...byStatus.get(errors[code].status) ?? [],
      code,
    ])
  }
  for (const [status, codes] of byStatus) {
    if (result[status])
      continue
    result[status] = {
      description: codes.map(code => `\`${code}\`: ${errors[code].title}`).join('. '),
      content: {
        'application/problem+json': {
          schema: refer(Problem),
        },
      },
    }
  }
  return result
}

function description(status: number): string {
  return {
    200: 'Done',
    201: 'Made',
    202: 'Begun',
    204: 'Done',
    503: 'Not ready',
  }[status] ?? 'Answer'
}

/** The OpenAPI 3.1 document. Pure: the same table gives the same bytes. */
export function openapi(version: string): Json {
  const { components, refer } = collector()
  const paths: Record<string, Json> = {}
  for (const [id, endpoint] of Object.entries(endpoints as Record<string, Endpoint>)) {
    const body = endpoint.body as TSchema | undefined
    const text = [
      endpoint.description,
      endpoint.access === 'public'
        ? undefined
        : endpoint.access === 'any'
          ? 'Needs a valid credential.'
          : `Needs the action \`${endpoint.access}\`.`,
    ].filter(Boolean).join('\n\n')
    const item = paths[endpoint.path] ??= {}
    item[endpoint.method.toLowerCase()] = {
      operationId: id,
      tags: [endpoint.tag],
      summary: endpoint.summary,
      ...(text
        ? { description: text }
        : {}),
      ...(endpoint.access === 'public'
        ? { security: [] }
        : {}),
      parameters: parameters(endpoint, id, refer),
      ...(body
        ? {
            requestBody: {
              required: true,
              content: {
                'application/json': {
                  schema: refer(body),
                },
              },
            },
          }
        : {}),
      responses: responses(endpoint, refer),
    }
  }
  refer(StreamEvent)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Howdah',
      version,
      description: 'Managed PostgreSQL, from laptop to cluster. A credential is for one project, so no path of a database names one. Errors are RFC 9457 problems. What a caller may not know about answers like what does not exist.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: '/' },
    ],
    security: [
      { bearer: [] },
      { session: [] },
    ],
    tags: [
      ...new Set(Object.values(endpoints).map(endpoint => endpoint.tag)),
    ].map(name => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(components).sort(([a], [b]) => a < b
        ? -1
        : 1)),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token of POST /api/auth/login, or an API key' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'howdah_session',
          description: 'The console\'s session',
        },
      },
    },
  }
}
