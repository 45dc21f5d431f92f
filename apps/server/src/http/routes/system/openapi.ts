import { createHash } from 'node:crypto'
import { openapi as document } from '@howdah/contract'
import { route } from '../../route.ts'

interface Built { readonly text: string, readonly etag: string }
const built = new Map<string, Built>()

function build(version: string): Built {
  const text = JSON.stringify(document(version))
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
}

export const openapi = route('system.openapi', async ({ services: { version } }) => {
  const { text, etag } = built.get(version) ?? build(version)
  built.set(version, { text, etag })
  // Sent as the text that it is already.
  return { status: 200, body: text as unknown as object, headers: { 'ETag': etag, 'Cache-Control': 'no-cache' }, type: 'application/json; charset=utf-8' }
})
