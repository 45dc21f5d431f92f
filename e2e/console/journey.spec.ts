import pg from 'pg'
import { admin, expect, test } from './fixtures.ts'

test('a person signs in, creates a database, uses it, changes it, and deletes it', async ({ page }) => {
  await page.goto('/databases')
  await page.getByLabel('E-mail').fill(admin.email)
  await page.getByLabel('Password').fill(admin.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveTitle('Databases · Howdah')

  await page.getByRole('link', { name: /^Create/ }).first().click()
  const name = page.getByLabel('Name', { exact: true })
  await name.fill('Journey')
  await expect(page.getByText('Begin with a lower-case letter')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Create database' })).toBeDisabled()
  await name.fill('journey')
  await expect(page.getByRole('region', { name: 'What will happen' })).toContainText('No client connection is interrupted')
  await expect(page.getByRole('region', { name: 'CLI' })).toContainText('howdah db create journey')
  await page.getByRole('button', { name: 'Create database' }).click()

  const dialog = page.getByRole('dialog', { name: 'journey is ready' })
  await dialog.getByRole('button', { name: 'Show connection strings' }).click()
  await expect(dialog.getByRole('region', { name: 'URI' })).toContainText('••••')
  await dialog.getByRole('button', { name: 'Reveal password' }).click()
  const uri = dialog.getByRole('region', { name: 'URI' })
  await expect(uri).not.toContainText('••••')
  const client = new pg.Client({ connectionString: (await uri.textContent())?.trim() })
  await client.connect()
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await client.query('do $$ begin raise warning \'seen in the console\'; end $$')
  await client.end()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect(page).toHaveURL(/\/databases\/journey$/)

  const tabs = page.getByRole('navigation', { name: 'Pages of journey' })
  await tabs.getByRole('link', { name: 'Parameters' }).click()
  await page.getByLabel('Search parameters').fill('work_mem')
  await page.getByLabel('work_mem', { exact: true }).fill('32MB')
  await page.getByRole('button', { name: 'Review and apply' }).click()
  await expect(page.getByRole('dialog')).toContainText('32MB')
  await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'work_mem' }).first()).toContainText('changed')

  await tabs.getByRole('link', { name: 'Settings' }).click()
  await page.getByLabel('Labels').fill('team=shop')
  await page.getByRole('button', { name: 'Review and apply' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click()
  await expect(page.getByText('team=shop', { exact: true }).first()).toBeVisible()

  await tabs.getByRole('link', { name: 'Users & databases' }).click()
  await page.getByRole('button', { name: 'Create user' }).first().click()
  await page.getByRole('dialog').getByLabel('Name').fill('reporting')
  await page.getByRole('dialog').getByRole('button', { name: 'Create user' }).click()
  await expect(page.getByRole('region', { name: 'Users' }).getByRole('row', { name: /reporting/ })).toContainText('ready')

  await page.getByRole('button', { name: 'Actions for reporting' }).click()
  await page.getByRole('menuitem', { name: 'Change' }).click()
  await page.getByRole('dialog').getByLabel('Access').selectOption('Read all data')
  await page.getByRole('dialog').getByRole('button', { name: 'Change user' }).click()
  await expect(page.getByRole('row', { name: /reporting/ })).toContainText('read-only')

  await tabs.getByRole('link', { name: 'Logs' }).click()
  await expect(page.getByRole('log')).toContainText('seen in the console')
  await tabs.getByRole('link', { name: 'Events' }).click()
  await expect(page.getByRole('region', { name: 'Events' })).toContainText('ready')
  await tabs.getByRole('link', { name: 'Audit' }).click()
  await expect(page.getByText('databases.connection').first()).toBeVisible()

  const act = async (action: string): Promise<void> => {
    await page.getByRole('button', { name: 'Actions', exact: true }).click()
    await page.getByRole('menuitem', { name: action }).click()
    await page.getByRole('dialog').getByRole('button', { name: action }).click()
  }
  const header = page.getByRole('banner').or(page.locator('main')).last()
  await act('Hibernate')
  await expect(header.getByText('hibernated', { exact: true })).toBeVisible()
  await act('Resume')
  await expect(header.getByText('ready', { exact: true })).toBeVisible()

  await tabs.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Delete …' }).click()
  const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true })
  await expect(confirm).toBeDisabled()
  await page.getByLabel('Type journey to confirm').fill('journey')
  await confirm.click()
  await expect(page).toHaveURL(/\/databases$/)
  await expect(page.getByRole('link', { name: 'journey', exact: true })).toHaveCount(0)
})

test('the palette finds a database and its pages by keyboard alone', async ({ page, open, server }) => {
  await server.api('POST', '/api/databases', { body: { name: 'palette' }, isAwaited: true })
  await open('/settings')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Database, page or action' }).fill('palette log')
  await expect(page.getByRole('option', { name: 'palette Logs' })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/databases\/palette\/logs$/)
})

test('the palette leads to what can be done on any page, and asks before it is', async ({ page, open, server }) => {
  await server.api('POST', '/api/databases', { body: { name: 'commanded' }, isAwaited: true })
  await open('/settings')
  for (const [text, dialog] of [
    ['create user commanded', 'Create a user'],
    ['back up commanded', 'Back up commanded'],
    ['create branch commanded', 'Branch commanded'],
    ['hibernate commanded', 'Hibernate: commanded'],
    ['create api key', 'Create an API key'],
    ['add member', 'Add a member'],
  ] as const) {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Database, page or action' }).fill(text)
    await expect(page.getByRole('option').first()).toHaveAccessibleName(/Action$/)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog', { name: dialog })).toBeVisible()
    await expect(page).not.toHaveURL(/do=/)
    await page.keyboard.press('Escape')
  }
})
