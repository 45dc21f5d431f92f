import type { Endpoint, ErrorCode } from '@howdah/contract'
import { errorsOf } from '@howdah/contract'
import { errorHelp } from './error-help.ts'

interface Setting { readonly key: string, readonly default: string, readonly description: string, readonly secret?: boolean }
interface ErrorInfo { readonly status: number, readonly title: string, readonly retryable: boolean }

/** docs/configuration.md: every setting of the server. */
export function configurationPage(settings: readonly Setting[]): string {
  return `# Settings

The server is set up by environment variables. Each has a default that works, so \`npm start\` needs none. All mistakes
are reported at once, before anything starts; a name that begins with \`HOWDAH_\` and is not here is a mistake too.

${table(['setting', 'default', 'what it does'], settings.map(setting => [
  `\`${setting.key}\``,
  setting.default,
  setting.secret
    ? `${setting.description} Secret: never logged.`
    : setting.description,
]))}

Generated from \`apps/server/src/config.ts\` by \`npm run generate\`. How they work together: [operate](guides/operate.md).
`
}

/** docs/api/errors.md: every error code, what it means to the caller, and who answers it. */
export function errorsPage(errors: Readonly<Record<ErrorCode, ErrorInfo>>, endpoints: Readonly<Record<string, Endpoint>>): string {
  const all = Object.entries(endpoints)
  const sections = (Object.entries(errors) as [ErrorCode, ErrorInfo][]).map(([code, { status, title, retryable }]) => {
    const answering = all.filter(([, endpoint]) => errorsOf(endpoint).includes(code)).map(([id]) => `\`${id}\``)
    return `## ${code}

**${status}: ${title}.** ${retryable
  ? 'The same request may succeed later, unchanged.'
  : 'The same request will fail again.'}

${errorHelp[code]}

Answered by ${answering.length === all.length
  ? 'every operation'
  : answering.length > 12
    ? `${answering.length} of ${all.length} operations; openapi.json says which`
    : answering.join(', ') || 'the server itself, before an operation is chosen'}.`
  })
  return `# Errors

An error is \`application/problem+json\` (RFC 9457): \`{ type, title, status, code, detail, requestId, errors? }\`. Programs
compare \`code\`, which never changes its meaning; \`title\` belongs to the code and \`detail\` to this occurrence. \`errors\` lists
every field that is wrong, each with a JSON pointer into the request's body. \`requestId\` is what the server's log knows the
request by. Codes are never removed within a version of the API; a program should treat one that it does not know by its
status.

${sections.join('\n\n')}

Generated from \`packages/contract/src/errors.ts\` by \`npm run generate\`.
`
}

/** docs/api/README.md: every operation at a glance; the whole truth is openapi.json. */
export function endpointsPage(endpoints: Readonly<Record<string, Endpoint>>): string {
  const tags = [
    ...new Set(Object.values(endpoints).map(({ tag }) => tag)),
  ]
  return `# API

Machine-readable: [openapi.json](../../packages/contract/openapi.json), which a server answers at \`/api/openapi.json\` and shows
at \`/api/docs\`. Errors: [errors](errors.md).

- A credential is for one project, so no path of a database names one. \`Authorization: Bearer <token or API key>\`.
- Lists answer \`{ items, nextCursor }\`; ask again with \`?cursor=\` until it is null.
- A change that takes time answers \`202\` (\`201\` for a create) with \`operation\`; \`Prefer: wait=30\` holds the answer until it
  has ended, for at most a minute.
- \`Idempotency-Key\` on a POST makes a retry safe. \`If-Match\` with the \`ETag\` that was read makes a change safe.
- \`?dryRun=true\` on a change answers what it would do, and does nothing.

${tags.map(tag => `## ${tag}

${table([
  'operation',
  'method and path',
  'what',
  'needs',
], Object.entries(endpoints).filter(([, endpoint]) => endpoint.tag === tag).map(([id, endpoint]) => [
  `\`${id}\``,
  `\`${endpoint.method} ${endpoint.path}\``,
  endpoint.summary,
  { public: 'nothing', any: 'a credential' }[endpoint.access as string] ?? `\`${endpoint.access}\``,
]))}`).join('\n\n')}

Generated from \`packages/contract/src/endpoints.ts\` by \`npm run generate\`.
`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [
    row(head),
    row(head.map(() => '---')),
    ...rows.map(row),
  ].join('\n')
}
