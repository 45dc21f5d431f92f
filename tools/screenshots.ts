/**
 * `node tools/screenshots.ts`: makes the pictures of the README, from a server that is started for it and has some
 * databases in it. Each page in both themes.
 */
import type { Page } from '@playwright/test'
import type { RunningServer } from '../e2e/server.ts'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium as playwright } from '@playwright/test'
import pg from 'pg'
import { startServer } from '../e2e/server.ts'
import { ensureConsole } from './console.mjs'
import { chromium } from './needs/chromium.ts'
import { root } from './root.ts'
import { recompress } from './screenshots/png.ts'

const folder = join(root, 'docs/images')
const password = randomBytes(12).toString('hex')
const databases = [
  { name: 'orders', labels: { team: 'shop', env: 'production' }, deletionProtection: true, extensions: ['pg_trgm', 'pgcrypto'], parameters: { work_mem: '64MB' } },
  { name: 'billing', labels: { team: 'finance', env: 'production' }, deletionProtection: true },
  { name: 'search', labels: { team: 'shop', env: 'production' }, storageGib: 50 },
  { name: 'analytics', labels: { team: 'data' }, version: 17 },
  { name: 'staging', labels: { env: 'test' } },
]

/** The pages, and what makes the interesting part of each visible. */
const pages: readonly { readonly name: string, readonly path: string, readonly prepare: (page: Page) => Promise<unknown> }[] = [
  { name: 'databases', path: '/databases', prepare: async page => await page.getByRole('row', { name: /staging/ }).getByText('hibernated').waitFor() },
  { name: 'database', path: '/databases/orders', prepare: async page => await page.getByRole('region', { name: 'Latest events' }).getByRole('listitem').first().waitFor() },
  {
    name: 'connect',
    path: '/databases/orders/connect',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Show connection strings' }).click()
      await page.getByRole('button', { name: 'Node.js' }).click()
    },
  },
  {
    name: 'create',
    path: '/databases/new',
    prepare: async (page) => {
      await page.getByLabel('Name', { exact: true }).fill('reports')
      await page.getByRole('region', { name: 'What will happen' }).getByText('No client connection').waitFor()
    },
  },
  {
    name: 'backups',
    path: '/databases/orders/backups?point=before-migration-42',
    prepare: async page => await page.getByRole('slider', { name: 'Moment to restore' }).waitFor(),
  },
  { name: 'logs', path: '/databases/orders/logs', prepare: async page => await page.getByRole('log').getByText('relation "basket" does not exist').last().click() },
]

async function fill(server: RunningServer): Promise<void> {
  for (const body of databases)
    await server.api('POST', '/api/databases', { body, isAwaited: true })
  await server.api('POST', '/api/databases/orders/users', { body: { name: 'reporting', access: 'read-only' }, isAwaited: true })
  await server.api('POST', '/api/databases/staging/hibernate', { isAwaited: true })
  const { body } = await server.api<{ formats: { uri: string } }>('GET', '/api/databases/orders/connection')
  const client = new pg.Client({ connectionString: body.formats.uri, application_name: 'checkout' })
  await client.connect()
  await client.query('create table item as select n as id, md5(n::text) as title from generate_series(1, 20000) as n')
  await client.query('do $$ begin raise warning \'stock of item 4711 is below its minimum\'; end $$')
  // The log is to show an error.
  await client.query('select * from basket').catch((error: unknown) => {
    if (!(error instanceof pg.DatabaseError))
      throw error
  })
  await client.end()
  for (const [method, path, body] of [
    ['POST', '/api/databases/orders/backups', undefined],
    ['POST', '/api/databases/orders/restore-points', { name: 'before-migration-42' }],
    ['POST', '/api/databases/orders/restart', undefined],
    ['POST', '/api/databases/orders/backups', undefined],
  ] as const)
    await server.api(method, path, { ...(body && { body }), isAwaited: true })
}

async function main(): Promise<void> {
  await ensureConsole()
  const browser = await playwright.launch({ executablePath: await chromium(), args: ['--no-sandbox', '--hide-scrollbars', '--font-render-hinting=none'] })
  const server = await startServer({ HOWDAH_ADMIN_PASSWORD: password })
  try {
    await fill(server)
    await mkdir(folder, { recursive: true })
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ baseURL: server.url, colorScheme, reducedMotion: 'reduce', viewport: { width: 1200, height: 720 } })
      await context.request.post('/api/auth/login', { data: { email: 'admin@localhost', password, cookie: true }, headers: { origin: server.url } })
      const page = await context.newPage()
      for (const { name, path, prepare } of pages) {
        await page.goto(path)
        await prepare(page)
        const png = recompress(await page.screenshot({ animations: 'disabled' }))
        await writeFile(join(folder, `${name}-${colorScheme}.png`), png)
        console.log(`docs/images/${name}-${colorScheme}.png  ${Math.round(png.length / 1000)} kB`)
      }
      await context.close()
    }
  }
  finally {
    await browser.close()
    await server.stop()
  }
}

await main()
