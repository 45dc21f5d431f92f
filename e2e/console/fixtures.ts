import type { Browser, Page } from '@playwright/test'
import type { RunningServer } from '../server.ts'
import { randomBytes } from 'node:crypto'
import { test as base, expect } from '@playwright/test'
import { startServer } from '../server.ts'

export { expect }

export const admin = { email: 'admin@localhost', password: randomBytes(12).toString('hex') }

interface WorkerFixtures {
  /** One server for all tests of the worker. */
  readonly server: RunningServer
}
interface Fixtures {
  /** Signs a page in without its form, and opens an address. */
  readonly open: (path: string, page?: Page, person?: { email: string, password: string }) => Promise<void>
  /** A page of another browser, held to the same rules. */
  readonly otherPage: Page
}

/** A refusal of the API is what the browser calls an error; the console shows it in its own words. */
const refusal = /^Failed to load resource: (?:the server responded with a status of 4\d\d|net::ERR_)/

/** Errors of scripts, violations of the content security policy, and whatever else reaches the browser's console. */
function watchErrors(page: Page): string[] {
  const errors: string[] = []
  page.on('pageerror', error => errors.push(String(error)))
  page.on('console', message => message.type() === 'error' && !refusal.test(message.text()) && errors.push(message.text()))
  return errors
}

async function watched(browser: Browser, server: RunningServer, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ baseURL: server.url })
  const page = await context.newPage()
  const errors = watchErrors(page)
  await use(page)
  await context.close()
  expect(errors).toEqual([])
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [async ({ browserName: _ }, use) => {
    const server = await startServer({ HOWDAH_ADMIN_PASSWORD: admin.password })
    await use(server)
    await server.stop()
  }, { scope: 'worker', timeout: 90_000 }],
  baseURL: async ({ server }, use) => await use(server.url),
  page: async ({ page }, use) => {
    const errors = watchErrors(page)
    await use(page)
    expect(errors).toEqual([])
  },
  otherPage: async ({ browser, server }, use) => await watched(browser, server, use),
  open: async ({ page: own, server }, use) => await use(async (path, page = own, { email, password } = admin) => {
    const response = await page.request.post('/api/auth/login', {
      data: { email, password, cookie: true },
      // A page of our own origin would send it.
      headers: { origin: server.url },
    })
    expect(response.status()).toBe(200)
    await page.goto(path)
    await expect(page.getByRole('navigation', { name: 'Main' }).or(page.getByRole('button', { name: 'Menu' })).first()).toBeVisible()
  }),
})

/** A ready database with a name of its own. */
export async function makeDatabase(server: RunningServer, name: string, fields: object = {}): Promise<void> {
  const { status } = await server.api('POST', '/api/databases', { body: { name, ...fields }, isAwaited: true })
  expect(status).toBe(201)
}
