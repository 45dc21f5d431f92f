import type { RunningServer } from '../server.ts'
import { openPrivatePostgres } from '@howdah/engine-local'
import pg from 'pg'
import { fillDatabases } from '../../bench/lib/fill.ts'
import { expect, makeDatabase, test, writeToLog } from './fixtures.ts'

async function fill(server: RunningServer, count: number): Promise<void> {
  // It runs already: this only tells how to connect. Closing it would shut it down.
  const { connection } = await openPrivatePostgres({ dataDir: server.dataDir })
  const store = new pg.Pool({ ...connection, max: 1 })
  await fillDatabases(store, count)
  await store.end()
}

test('10,000 databases: a page at a time, found by text, phase and label', async ({ own }) => {
  const { page, server } = own
  await fill(server, 10_000)
  await page.goto('/databases')
  const rows = page.getByRole('region', { name: 'Databases of this project' }).getByRole('row')
  await expect(rows).toHaveCount(51)

  // By the last name that was seen, never by counting what to leave out.
  const next = page.waitForRequest(request => /\/api\/databases\?.*cursor=/.test(request.url()) && !/offset|page=/.test(request.url()))
  await page.getByRole('button', { name: 'Show more' }).click()
  await next
  await expect(rows).toHaveCount(101)

  await page.getByRole('checkbox', { name: 'Select all' }).check()
  await expect(page.getByRole('group', { name: 'Selected databases' })).toContainText('100 databases selected')
  await page.getByRole('button', { name: 'Clear' }).click()

  await page.getByRole('searchbox', { name: 'Name contains' }).fill('web-00999')
  await expect(rows).toHaveCount(4)
  await page.getByRole('searchbox', { name: 'Name contains' }).fill('')
  await page.getByLabel('Phase').selectOption('failed')
  await expect(rows).toHaveCount(11)
  await page.getByRole('searchbox', { name: 'Label' }).fill('team=team-1')
  await expect(rows).toHaveCount(11)
  await page.getByRole('searchbox', { name: 'Label' }).fill('team=nobody')
  await expect(page.getByRole('heading', { name: 'No database matches' })).toBeVisible()

  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Database, page or action' }).fill('orders-007776')
  await page.getByRole('dialog').getByRole('option', { name: 'orders-007776' }).first().click()
  await expect(page).toHaveURL(/\/databases\/orders-007776$/)
})

test('100,000 lines of log: only those in sight are drawn, and both ends are reached', async ({ page, open, server }) => {
  test.setTimeout(300_000)
  await makeDatabase(server, 'talkative')
  await open('/databases/talkative/logs')
  const log = page.getByRole('log')
  await expect(log.getByRole('button').first()).toBeVisible()
  await writeToLog(server, 'talkative', 'line', 100_000)
  await expect(page.getByRole('region', { name: 'Server log' }).getByRole('status')).toHaveText('100,000 records, following', { timeout: 200_000 })
  await expect(log).toContainText('line 100000')
  expect(await log.getByRole('button').count()).toBeLessThan(200)

  await page.getByRole('button', { name: 'Pause' }).click()
  await log.focus()
  await page.keyboard.press('Home')
  await expect(log).not.toContainText('line 100000')
  await page.keyboard.press('End')
  await expect(log).toContainText('line 100000')
})
