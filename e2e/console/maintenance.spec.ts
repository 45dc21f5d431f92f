import type { Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { expect, makeDatabase, test } from './fixtures.ts'

/** Days and hours that are far from now, whenever the test runs: the window opens in half a day. */
function later(): object {
  return { days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'], start: new Date(Date.now() + 12 * 3_600_000).toISOString().slice(11, 16), durationMinutes: 60 }
}

async function askForConnections(page: Page, value: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Search parameters' }).fill('max_connections')
  await page.getByRole('spinbutton', { name: /max_connections/ }).or(page.getByRole('textbox', { name: /max_connections/ })).fill(value)
  await page.getByRole('button', { name: 'Review and apply' }).click()
}

test('a change that cuts connections waits for the maintenance window, is seen by everybody, and is cancelled', async ({ page, otherPage, open, server }) => {
  await makeDatabase(server, 'patient', { maintenanceWindow: later() })
  await open('/databases/patient', otherPage)
  await open('/databases/patient/parameters')
  await askForConnections(page, '40')
  const dialog = page.getByRole('dialog', { name: 'Change patient' })
  await dialog.getByRole('radio', { name: /In the maintenance window: every day at/ }).check()
  await expect(dialog.getByRole('status')).toContainText('Not before')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Schedule' }).click()
  await expect(dialog).toBeHidden()

  await page.getByRole('link', { name: 'A change waits for the maintenance window' }).click()
  await expect(page.getByRole('definition').filter({ hasText: 'scheduled' })).toBeVisible()
  await expect(page.getByText('parameters.max_connections').or(page.getByText('max_connections')).first()).toBeVisible()

  const waiting = otherPage.getByRole('region', { name: 'Scheduled change' })
  await expect(waiting).toContainText('max_connections')
  expect((await server.api('GET', '/api/databases/patient')).body).toMatchObject({ phase: 'ready', parameters: {} })
  await waiting.getByRole('button', { name: 'Cancel' }).click()
  await expect(waiting).toBeHidden()
  await expect(page.getByRole('definition').filter({ hasText: 'cancelled' })).toBeVisible()
})

test('a window that is opened lets what waits begin', async ({ page, open, server }) => {
  await makeDatabase(server, 'punctual', { maintenanceWindow: later() })
  await server.api('PATCH', '/api/databases/punctual?apply=maintenance-window', { body: { parameters: { max_connections: '40' } } })
  await open('/databases/punctual/settings')
  await page.getByLabel('Open for, minutes').fill('5')
  await page.getByRole('button', { name: 'Review and apply' }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('maintenanceWindow/durationMinutes')
  await page.getByRole('dialog').getByRole('button', { name: 'Back', exact: true }).click()
  await page.getByLabel('Begins at').fill('00:00')
  await page.getByLabel('Open for, minutes').fill('1440')
  await page.getByRole('button', { name: 'Review and apply' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click()
  await page.getByRole('link', { name: 'Overview', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Address and sizes' })).toContainText('every day at 00:00 for 24 h')
  await expect(async () => {
    const { body } = await server.api('GET', '/api/databases/punctual')
    expect(body).toMatchObject({ phase: 'ready', scheduledOperation: null, parameters: { max_connections: '40' } })
  }).toPass()
})
