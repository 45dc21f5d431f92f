import type { Browser, BrowserContext, Page } from '@playwright/test'
import type { RunningServer } from '../server.ts'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { test as base, expect } from '@playwright/test'
import pg from 'pg'
import { startServer } from '../server.ts'

export { expect }

export interface Person {
  readonly email: string
  readonly password: string
}
export const admin: Person = { email: 'admin@localhost', password: randomBytes(12).toString('hex') }

interface WorkerFixtures {
  /** One server for all tests of the worker. */
  readonly server: RunningServer
}
interface Fixtures {
  /** What went wrong in the browser so far; what stands here at the end fails the test. */
  readonly errors: string[]
  /** Signs a page in without its form, and opens an address. */
  readonly open: (path: string, page?: Page, person?: Person) => Promise<void>
  /** A page of another browser, held to the same rules. */
  readonly otherPage: Page
  /** A server of this test alone, which it may end and start again at the same address, and a page of it that is signed in. */
  readonly own: { server: RunningServer, readonly page: Page }
}

/** A refusal of the API is what the browser calls an error; the console shows it in its own words. */
const refusal = /^Failed to load resource: (?:the server responded with a status of (?:4\d\d|503)|net::ERR_)/

/** Errors of scripts, violations of the content security policy, and whatever else reaches the browser's console, of every tab. */
function watchErrors(context: BrowserContext, errors: string[]): string[] {
  context.on('weberror', error => errors.push(String(error.error())))
  context.on('console', message => message.type() === 'error' && !refusal.test(message.text()) && errors.push(message.text()))
  return errors
}

async function inBrowser(browser: Browser, baseURL: string, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ baseURL })
  const errors = watchErrors(context, [])
  await use(await context.newPage())
  await context.close()
  expect(errors).toEqual([])
}

async function signIn(page: Page, { url }: RunningServer, { email, password }: Person): Promise<void> {
  const response = await page.request.post('/api/auth/login', {
    data: { email, password, cookie: true },
    // A page of our own origin would send it.
    headers: { origin: url },
  })
  expect(response.status()).toBe(200)
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [async ({ browserName: _ }, use) => {
    const server = await startServer({ HOWDAH_ADMIN_PASSWORD: admin.password })
    await use(server)
    await server.stop()
  }, { scope: 'worker', timeout: 180_000 }],
  baseURL: async ({ server }, use) => await use(server.url),
  errors: [async ({ context }, use) => {
    const errors = watchErrors(context, [])
    await use(errors)
    expect(errors).toEqual([])
  }, { auto: true }],
  otherPage: async ({ browser, server }, use) => await inBrowser(browser, server.url, use),
  open: async ({ page: own, server }, use) => await use(async (path, page = own, person = admin) => {
    await signIn(page, server, person)
    await page.goto(path)
    await expect(page.getByRole('navigation', { name: 'Main' }).or(page.getByRole('button', { name: 'Menu' })).first()).toBeVisible()
  }),
  own: [async ({ browser }, use) => {
    const server = await startServer({ HOWDAH_ADMIN_PASSWORD: admin.password, HOWDAH_PORT: String(await freePort()) })
    const own = { server }
    await inBrowser(browser, server.url, async (page) => {
      await signIn(page, server, admin)
      await use(Object.assign(own, { page }))
    })
    await own.server.stop()
  }, { timeout: 180_000 }],
})

/** A ready database with a name of its own. */
export async function makeDatabase(server: RunningServer, name: string, fields: object = {}): Promise<void> {
  const { status } = await server.api('POST', '/api/databases', { body: { name, ...fields }, isAwaited: true })
  expect(status).toBe(201)
}

/** Somebody with this role in the project. */
export async function makePerson(server: RunningServer, name: string, role: 'viewer' | 'developer' | 'admin', email = `${name}@example.org`): Promise<Person> {
  const person = { email, password: randomBytes(12).toString('hex') }
  expect((await server.api('POST', '/api/users', { body: { name, ...person } })).status).toBe(201)
  expect((await server.api('POST', '/api/projects/default/members', { body: { email: person.email, role } })).status).toBe(201)
  return person
}

/** What SQL says of a database, through the address that its owner is given. */
export async function sql<Row extends pg.QueryResultRow>(server: RunningServer, name: string, text: string): Promise<Row[]> {
  const { body } = await server.api<{ formats: { uri: string } }>('GET', `/api/databases/${name}/connection`)
  const client = new pg.Client({ connectionString: body.formats.uri })
  await client.connect()
  const { rows } = await client.query<Row>(text)
  await client.end()
  return rows
}

/** Have PostgreSQL write a line into its log; several: numbered from 1. */
export async function writeToLog(server: RunningServer, name: string, text: string, lines?: number): Promise<void> {
  const { body } = await server.api<{ formats: { uri: string } }>('GET', `/api/databases/${name}/connection`)
  const client = new pg.Client({ connectionString: body.formats.uri })
  await client.connect()
  await client.query('set client_min_messages = error')
  await client.query(`do $do$ begin for n in 1..${lines ?? 1} loop raise warning '%', ${pg.escapeLiteral(text)}${lines ? ' || \' \' || n' : ''}; end loop; end $do$`)
  await client.end()
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string')
    throw new Error('a TCP server has an address of its own')
  return address.port
}
