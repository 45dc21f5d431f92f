import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'

/** Answers a request for the console; false: it is not one. */
export type ConsolePages = (request: FastifyRequest, reply: FastifyReply) => boolean

interface ConsoleFile {
  readonly type: string
  readonly etag: string
  readonly isImmutable: boolean
  readonly plain: Buffer
  readonly br: Buffer | undefined
  readonly gzip: Buffer | undefined
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** Nothing but what this server serves, no inline script or style, and no string becomes markup but through Vue. */
const securityHeaders = {
  'Content-Security-Policy': 'default-src \'self\'; base-uri \'none\'; object-src \'none\'; form-action \'self\'; frame-ancestors \'none\'; require-trusted-types-for \'script\'; trusted-types vue',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
} as const

/** The built console, read once: it is small, and every answer then comes from memory. Undefined where it is not built. */
export async function readConsolePages(folder: string): Promise<ConsolePages | undefined> {
  const files = await readFiles(folder)
  const index = files.get('/index.html')
  if (!index)
    return undefined
  return (request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return false
    const path = request.url.split('?')[0]!
    // Every address of the console's own router is its one page.
    const file = files.get(path) ?? (isPage(path, request) ? index : undefined)
    if (!file)
      return false
    send(file, request, reply)
    return true
  }
}

function isPage(path: string, request: FastifyRequest): boolean {
  return !path.startsWith('/api/') && (request.headers.accept ?? '').includes('text/html')
}

function send(file: ConsoleFile, request: FastifyRequest, reply: FastifyReply): void {
  const accepts = String(request.headers['accept-encoding'] ?? '')
  const encoding = file.br && /\bbr\b/.test(accepts) ? 'br' : file.gzip && /\bgzip\b/.test(accepts) ? 'gzip' : undefined
  void reply.headers({
    ...securityHeaders,
    'Cache-Control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'Vary': 'Accept-Encoding',
    'ETag': file.etag,
  })
  if (request.headers['if-none-match'] === file.etag) {
    void reply.code(304).send()
    return
  }
  if (encoding)
    void reply.header('Content-Encoding', encoding)
  const body = (encoding && file[encoding]) ?? file.plain
  void reply.code(200).type(file.type).header('Content-Length', body.length).send(request.method === 'HEAD' ? undefined : body)
}

async function readFiles(folder: string): Promise<ReadonlyMap<string, ConsoleFile>> {
  const names = await readdir(folder, { recursive: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return []
    throw error
  })
  const known = new Set(names)
  const compressed = (name: string) => known.has(name) ? readFile(join(folder, name)) : undefined
  const files = await Promise.all(names.filter(name => extname(name) in types).map(async (name) => {
    const plain = await readFile(join(folder, name))
    const file: ConsoleFile = {
      type: types[extname(name)]!,
      // Weak: the same page in another encoding is the same page.
      etag: `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 16)}"`,
      // The build puts a hash of the content into the names of these.
      isImmutable: name.startsWith('assets/'),
      plain,
      br: await compressed(`${name}.br`),
      gzip: await compressed(`${name}.gz`),
    }
    return [`/${name}`, file] as const
  }))
  return new Map(files)
}
