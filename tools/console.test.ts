import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { ensureConsole } from './console.mjs'
import { root } from './root.ts'

interface Chunk {
  readonly file: string
  readonly css?: readonly string[]
  readonly imports?: readonly string[]
}

const dist = join(root, 'apps/console/dist')
let manifest: Readonly<Record<string, Chunk>>

beforeAll(async () => {
  await ensureConsole()
  manifest = JSON.parse(await readFile(join(dist, 'manifest.json'), 'utf8')) as typeof manifest // as Vite documents it
})

/** Everything that a browser fetches for these, each file once. */
function filesOf(names: readonly string[]): string[] {
  const seen = new Set<string>()
  const files = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name))
      return
    seen.add(name)
    const { file, css = [], imports = [] } = manifest[name]!
    for (const each of [file, ...css]) files.add(each)
    imports.forEach(visit)
  }
  names.forEach(visit)
  return [...files]
}

async function brotliBytes(files: readonly string[]): Promise<number> {
  return (await Promise.all(files.map(async file => (await stat(join(dist, `${file}.br`))).size))).reduce((sum, size) => sum + size, 0)
}

const page = (name: string) => `src/pages/${name}.vue`

it.each([
  ['the list of databases', [page('DatabasesPage')]],
  ['a database', [page('DatabasePage'), page('database/OverviewTab')]],
  ['the log of a database', [page('DatabasePage'), page('database/LogsTab')]],
  ['creating a database', [page('DatabaseCreatePage')]],
])('the first load is at most 200 kB of JavaScript and CSS, whatever page is first: %s', async (_, pages) => {
  const files = filesOf(['index.html', ...pages])
  expect(files.length).toBeGreaterThan(3)
  expect(await brotliBytes(files)).toBeLessThanOrEqual(200_000)
})

it('nothing of the built console comes from elsewhere', async () => {
  const html = await readFile(join(dist, 'index.html'), 'utf8')
  expect(html).toContain('src="/assets/')
  expect(html).not.toMatch(/(?:src|href)="(?!\/)/)
  const styles = await Promise.all(Object.values(manifest).flatMap(({ css = [] }) => css).map(async file => await readFile(join(dist, file), 'utf8')))
  expect(styles.length).toBeGreaterThan(0)
  expect(styles.join('')).not.toMatch(/url\(['"]?(?!\/assets\/)/)
})
