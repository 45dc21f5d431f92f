import { expectAccessible } from './axe.ts'
import { expect, makeDatabase, test } from './fixtures.ts'

test('an upgrade is rehearsed, asked about with its plan, done, and can be undone', async ({ page, otherPage, open, server }) => {
  test.setTimeout(300_000)
  await makeDatabase(server, 'aged', { version: 16 })
  await open('/databases/aged', otherPage)
  await open('/databases/aged/settings')
  const panel = page.getByRole('region', { name: 'Upgrade PostgreSQL' })
  await expect(panel.getByRole('heading', { name: /^PostgreSQL 16\./ })).toBeVisible()
  await panel.getByLabel('Upgrade to').selectOption('17')
  await panel.getByRole('button', { name: 'Rehearse' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Rehearse' }).click()
  const report = panel.getByRole('region', { name: 'Last rehearsal' })
  await expect(report).toContainText(/passed\s*16\.\d+ to 17\.\d+/, { timeout: 120_000 })
  await expect(report.getByRole('list', { name: 'Checks' }).getByRole('listitem').first()).toContainText('passed')
  await expectAccessible(page)

  await panel.getByRole('button', { name: 'Upgrade' }).click()
  const dialog = page.getByRole('dialog', { name: 'Upgrade aged to PostgreSQL 17' })
  await expect(dialog.getByRole('status')).toContainText('Client connections are cut once')
  await expect(dialog).toContainText('In the rehearsal nobody could have connected for')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Upgrade' }).click()
  await expect(panel.getByRole('heading', { name: /^PostgreSQL 17\./ })).toBeVisible({ timeout: 120_000 })
  await expect(otherPage.getByRole('region', { name: 'Address and sizes' })).toContainText(/PostgreSQL\s*17\./)
  await page.getByRole('link', { name: 'Backups' }).click()
  await expect(page.getByRole('button', { name: 'Undo restore' })).toBeEnabled()
})
