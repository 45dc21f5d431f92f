import type { Endpoint } from '@howdah/contract'

interface ErrorInfo { readonly status: number, readonly title: string, readonly retryable: boolean }

/** What the SDK needs of the contract at run time: types alone tell it neither a method nor what may be repeated. */
export function sdkRegistry(endpoints: Record<string, Endpoint>, errors: Record<string, ErrorInfo>): string {
  const routes = Object.entries(endpoints).map(([id, { method, path, access, idempotent = false }]) =>
    `  '${id}': { method: '${method}', path: '${path}', idempotent: ${idempotent}, isPublic: ${access === 'public'} },`)
  const codes = Object.entries(errors).map(([code, { status, title, retryable }]) =>
    `  '${code}': { status: ${status}, title: ${JSON.stringify(title)}, retryable: ${retryable} },`)
  return `// Generated from packages/contract by \`npm run generate\`.

export const routes = {
${routes.join('\n')}
} as const

export const errors = {
${codes.join('\n')}
} as const
`
}
