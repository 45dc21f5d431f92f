import { expectAccessible } from './axe.ts'
import { expect, makeDatabase, test, writeToLog } from './fixtures.ts'

test('the role of the primary is handed over, and everybody sees who has it', async ({ page, otherPage, open, server }) => {
  await makeDatabase(server, 'pair', { instances: 2 })
  await open('/databases/pair', otherPage)
  await open('/databases/pair')
  const members = page.getByRole('region', { name: 'Instances' })
  await expect(members.getByRole('listitem').filter({ hasText: 'pair-1' })).toContainText('primary')
  await members.getByRole('button', { name: 'Make primary: pair-2' }).click()
  const dialog = page.getByRole('dialog', { name: 'Make pair-2 the primary' })
  await expect(dialog).toContainText('Client connections are cut once')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Switch over' }).click()
  for (const each of [page, otherPage]) {
    const list = each.getByRole('region', { name: 'Instances' })
    await expect(list.getByRole('listitem').filter({ hasText: 'pair-2' })).toContainText('primary')
    await expect(list.getByRole('listitem').filter({ hasText: 'pair-1' })).toContainText(/replica.*up to date.*ready/s)
  }
})

test('the log is one of all instances, says who wrote what, and is that of one of them by address', async ({ page, open, server }) => {
  await makeDatabase(server, 'choir', { instances: 2 })
  await writeToLog(server, 'choir', 'sung by the first')
  await open('/databases/choir/logs')
  const log = page.getByRole('log')
  await expect(log.getByRole('button').filter({ hasText: 'sung by the first' })).toContainText('choir-1')
  await expect(log.getByRole('button').filter({ hasText: 'choir-2' }).first()).toBeVisible()
  await page.getByLabel('Instance').selectOption('choir-2')
  await expect(page).toHaveURL(/member=choir-2/)
  await expect(log).toContainText('ready to accept read-only connections')
  await expect(log).not.toContainText('sung by the first')
  await page.reload()
  await expect(page.getByLabel('Instance')).toHaveValue('choir-2')
  await expect(log).not.toContainText('sung by the first')
})

test('a database without a replica says why there is nothing to switch to', async ({ page, open, server }) => {
  await makeDatabase(server, 'alone')
  await open('/databases/alone')
  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await expect(page.getByRole('menuitem', { name: 'Switch over' })).toContainText('It has no replica')
})
