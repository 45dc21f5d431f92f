import { restartServer } from '../server.ts'
import { expect, makeDatabase, test } from './fixtures.ts'

const gone = 'The server cannot be reached.'

test('offline and back: the page says so, keeps what was typed, and catches up', async ({ page, open, server, context }) => {
  await makeDatabase(server, 'offline')
  await open('/databases/offline/settings')
  await page.getByLabel('Labels').fill('typed=while-online')
  await context.setOffline(true)
  await expect(page.getByText(gone)).toBeVisible()
  await server.api('PATCH', '/api/databases/offline', { body: { deletionProtection: true }, isAwaited: true })
  await context.setOffline(false)
  await expect(page.getByText(gone)).toBeHidden()
  await expect(page.getByText('It was changed elsewhere')).toBeVisible()
  await expect(page.getByLabel('Labels')).toHaveValue('typed=while-online')
})

test('the server restarts in the middle of a create: the page finds its way back, and the database becomes ready', async ({ own }) => {
  const { page } = own
  await page.goto('/databases/new')
  await page.getByLabel('Name', { exact: true }).fill('survivor')
  await page.getByRole('button', { name: 'Create database' }).click()
  await expect(page).toHaveURL(/\/databases\/survivor/)
  await own.server.end('SIGKILL')
  await expect(page.getByText(gone)).toBeVisible()
  own.server = await restartServer(own.server, 'SIGKILL')
  await expect(page.getByText(gone)).toBeHidden()
  await expect(page.getByRole('dialog', { name: 'survivor is ready' })).toBeVisible()
})

test('a form that is sent while the server is gone says so, keeps everything, and goes through later', async ({ own }) => {
  const { page } = own
  await page.goto('/databases/new')
  const name = page.getByLabel('Name', { exact: true })
  await name.fill('patient')
  await expect(page.getByRole('region', { name: 'What will happen' })).toContainText('No client connection')
  await own.server.end('SIGTERM')
  await page.getByRole('button', { name: 'Create database' }).click()
  await expect(page.getByRole('alert')).toContainText('Nothing that you entered is lost')
  own.server = await restartServer(own.server, 'SIGTERM')
  await expect(page.getByText(gone)).toBeHidden()
  await expect(name).toHaveValue('patient')
  await page.getByRole('button', { name: 'Create database' }).click()
  await expect(page.getByRole('dialog', { name: 'patient is ready' })).toBeVisible()
})
