import type { DatabaseSpec } from '@howdah/engine'
import type { Catalogue } from '@howdah/postgres'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLocalEngine } from '@howdah/engine-local'
import { isExcludedExtension, isForUsers } from '@howdah/postgres'
import { temporaryFolder } from '@howdah/testkit'
import { root } from './root.ts'

/**
 * Writes what each major version of PostgreSQL offers, as the binaries of this machine report it: what a driver knows
 * about a version before one of its servers ever ran. Run by hand when PostgreSQL has a new major: `node tools/generate-catalogues.ts`.
 */
const target = join(root, 'packages/postgres/src/catalogues')
const folder = await temporaryFolder()
const log = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error }
const engine = createLocalEngine({ dataDir: folder.path, location: 'local', poolSize: 0, log })
await engine.open()
try {
  for (const { major } of (await engine.capabilities()).versions)
    await engine.plan(exampleOf(major))
  await mkdir(target, { recursive: true })
  const templates = join(folder.path, 'templates')
  for (const name of await readdir(templates)) {
    const { catalogue } = JSON.parse(await readFile(join(templates, name, 'template.json'), 'utf8')) as { catalogue: Catalogue } // the driver's own file
    const settings = catalogue.settings.filter(isForUsers)
    const extensions = catalogue.extensions.filter(extension => !isExcludedExtension(extension.name))
    await writeFile(join(target, `${Number.parseInt(name)}.json`), `{"settings":[\n${linesOf(settings)}\n],"extensions":[\n${linesOf(extensions)}\n]}\n`)
  }
}
finally {
  await engine.close()
  await folder.remove()
}

function linesOf(items: readonly object[]): string {
  return items.map(item => JSON.stringify(item)).join(',\n')
}

function exampleOf(version: number): DatabaseSpec {
  return {
    id: crypto.randomUUID(),
    project: 'catalogue',
    name: 'catalogue',
    generation: 1,
    version,
    instances: 1,
    storageGib: 10,
    cpu: 1,
    memoryMib: 256,
    durability: 'async',
    parameters: {},
    extensions: [],
    allowedCidrs: [],
    labels: {},
    hibernated: false,
    restartToken: '',
    database: 'app',
    owner: { user: 'app', password: '' },
  }
}
