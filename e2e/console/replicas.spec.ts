import { expect, makeDatabase, test } from './fixtures.ts'

test('the role of the primary is handed over, and everybody sees who has it', async ({ page, otherPage, open, server }) => {
  await makeDatabase(server, 'pair', { instances: 2 })
  await open('/databases/pair', otherPage)
  await open('/databases/pair')
  const members = page.getByRole('region', { name: 'Instances' })
  await expect(members.getByRole('listitem').filter({ hasText: 'pair-1' })).toContainText('primary')
  await members.getByRole('button', { name: 'Make pair-2 the primary' }).click()
  const dialog = page.getByRole('dialog', { name: 'Make pair-2 the primary' })
  await expect(dialog).toContainText('Client connections are cut once')
  await dialog.getByRole('button', { name: 'Switch over' }).click()
  for (const each of [page, otherPage]) {
    const list = each.getByRole('region', { name: 'Instances' })
    await expect(list.getByRole('listitem').filter({ hasText: 'pair-2' })).toContainText('primary')
    await expect(list.getByRole('listitem').filter({ hasText: 'pair-1' })).toContainText(/replica.*up to date.*ready/s)
  }
})

test('a database without a replica says why there is nothing to switch to', async ({ page, open, server }) => {
  await makeDatabase(server, 'alone')
  await open('/databases/alone')
  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await expect(page.getByRole('menuitem', { name: 'Switch over' })).toContainText('It has no replica')
})
