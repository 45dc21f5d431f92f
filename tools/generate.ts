/**
 * Everything that is generated and committed. `npm run generate` writes, `npm run generate -- --check` fails on drift.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { endpoints, errors, openapi } from '@howdah/contract'
import openapiTypescript, { astToString } from 'openapi-typescript'
import { configKeys } from '../apps/server/src/config.ts'
import { configurationPage, endpointsPage, errorsPage } from './generate-docs.ts'
import { sdkRegistry } from './generate-registry.ts'

const root = new URL('../', import.meta.url)
const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as { version: string }
const document = openapi(version)

const files: Record<string, string> = {
  'packages/contract/openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  'packages/sdk/src/generated/api.ts': `// Generated from packages/contract/openapi.json by \`npm run generate\`.\n\n${astToString(await openapiTypescript(document as never, { defaultNonNullable: false }))}`,
  'packages/sdk/src/generated/registry.ts': sdkRegistry(endpoints, errors),
  'docs/configuration.md': configurationPage(configKeys),
  'docs/api/README.md': endpointsPage(endpoints),
  'docs/api/errors.md': errorsPage(errors, endpoints),
}

const stale: string[] = []
for (const [path, content] of Object.entries(files)) {
  const url = new URL(path, root)
  if (await readFile(url, 'utf8').catch(() => undefined) === content)
    continue
  stale.push(path)
  if (!process.argv.includes('--check')) {
    await mkdir(new URL('.', url), { recursive: true })
    await writeFile(url, content)
  }
}
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`Not as the contract says: ${stale.join(', ')}. Run \`npm run generate\` and commit.`)
  process.exitCode = 1
}
else {
  console.log(stale.length > 0
    ? `Wrote ${stale.join(', ')}`
    : 'Nothing has changed')
}
