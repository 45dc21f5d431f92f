import type { FastifyInstance } from 'fastify'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

const swagger = new URL('.', import.meta.resolve('swagger-ui-dist/package.json'))
const { version: swaggerVersion } = JSON.parse(readFileSync(new URL('package.json', swagger), 'utf8')) as { version: string }

/** Deep links of Swagger UI would take the fragment, which is the error codes'. */
const script = `'use strict'
SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#reference',
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
  // What is drawn above moves what a link points to.
  onComplete: () => document.getElementById(location.hash.slice(1))?.scrollIntoView(),
})
`
const css = `body { margin: 0; }
.errors { max-width: 1460px; margin: 0 auto; padding: 0 20px 60px; box-sizing: border-box; font-family: sans-serif; color: #3b4151; }
.errors table { border-collapse: collapse; width: 100%; }
.errors th, .errors td { text-align: left; padding: 8px 12px 8px 0; border-bottom: 1px solid #d8dde7; vertical-align: top; }
.errors tr:target { background: #fff6d6; }
`

interface Asset { readonly name: string, readonly type: string, readonly version: string, readonly content: () => Promise<string | Uint8Array> }

function own(name: string, type: string, text: string): Asset {
  return { name, type, version: createHash('sha256').update(text).digest('base64url').slice(0, 8), content: async () => text }
}
function ofSwagger(name: string, type: string): Asset {
  // From the disk each time: browsers keep it, and 1.4 MB of memory would be for nobody.
  return { name, type, version: swaggerVersion, content: () => readFile(new URL(name, swagger)) }
}

const assets = {
  script: own('init.js', 'text/javascript; charset=utf-8', script),
  css: own('page.css', 'text/css; charset=utf-8', css),
  swaggerScript: ofSwagger('swagger-ui-bundle.js', 'text/javascript; charset=utf-8'),
  swaggerCss: ofSwagger('swagger-ui.css', 'text/css; charset=utf-8'),
  icon: ofSwagger('favicon-32x32.png', 'image/png'),
}

/** Paths of the page's files. They change with the content, so browsers may keep them for good. */
export const docsAssets = Object.fromEntries(Object.entries(assets).map(([key, { name, version }]) => [key, `/api/docs/${name}?v=${version}`])) as Record<keyof typeof assets, string>

/** Files of the reference page: no part of the API, so not in the contract. */
export function serveDocsAssets(app: FastifyInstance): void {
  for (const { name, type, content } of Object.values(assets)) {
    app.get(`/api/docs/${name}`, async (_request, reply) => {
      return reply.type(type).header('Cache-Control', 'public, max-age=31536000, immutable').send(await content())
    })
  }
}
