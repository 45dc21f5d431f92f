import { expect, makeDatabase, makePerson, test } from './fixtures.ts'

test('an operator adds a person, who signs in with the password that was shown once', async ({ page, otherPage, open, server }) => {
  await open('/administration/people')
  await page.getByRole('button', { name: 'Add person' }).click()
  const form = page.getByRole('dialog', { name: 'Add a person' })
  await form.getByLabel('E-mail').fill('new@example.org')
  await form.getByLabel('Name').fill('New Person')
  await form.getByRole('button', { name: 'Add person' }).click()
  const shown = page.getByRole('dialog', { name: 'The new person\'s password' })
  const password = (await shown.getByRole('region', { name: 'password' }).textContent())?.trim() ?? ''
  await shown.getByRole('button', { name: 'Close' }).click()
  await expect(page.getByText(password)).toHaveCount(0)
  await server.api('POST', '/api/projects/default/members', { body: { email: 'new@example.org', role: 'viewer' } })

  await otherPage.goto('/databases')
  await otherPage.getByLabel('E-mail').fill('new@example.org')
  await otherPage.getByLabel('Password').fill(password)
  await otherPage.getByRole('button', { name: 'Sign in' }).click()
  await expect(otherPage.getByRole('heading', { level: 1, name: 'Databases' })).toBeVisible()

  // Disabled: the session ends, and the page asks again without losing its place.
  await page.getByRole('button', { name: 'Actions for new@example.org' }).click()
  await page.getByRole('menuitem', { name: 'Disable' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
  await expect(page.getByRole('row', { name: /new@example.org/ })).toContainText('disabled')
  await otherPage.getByRole('link', { name: 'Operations' }).click()
  await expect(otherPage.getByRole('dialog', { name: 'Your session has ended' })).toBeVisible()
})

test('people are renamed, made operators and deleted, and nobody takes the right from himself', async ({ page, open, server }) => {
  await makePerson(server, 'Grace', 'developer', 'grace@example.org')
  await open('/administration/people')
  const act = async (action: string): Promise<void> => {
    await page.getByRole('button', { name: 'Actions for grace@example.org' }).click()
    await page.getByRole('menuitem', { name: action }).click()
  }
  const row = page.getByRole('row', { name: /grace@example.org/ })
  await act('Rename')
  await page.getByRole('dialog').getByLabel('Name').fill('Grace H.')
  await page.getByRole('dialog').getByRole('button', { name: /Rename|Save/ }).click()
  await expect(row).toContainText('Grace H.')
  await act('Make operator')
  await page.getByRole('dialog').getByRole('button', { name: 'Make operator' }).click()
  await expect(row).toContainText('operator')
  await act('Delete')
  const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete' })
  await expect(confirm).toBeDisabled()
  await page.getByLabel('Type grace@example.org to confirm').fill('grace@example.org')
  await confirm.click()
  await expect(row).toHaveCount(0)

  await page.getByRole('button', { name: 'Actions for admin@localhost' }).click()
  for (const action of ['Take operator away', 'Disable', 'Delete'])
    await expect(page.getByRole('menuitem', { name: action })).toHaveAttribute('aria-disabled', 'true')
  // Pages with many menus are left like any other.
  await page.keyboard.press('Escape')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Databases' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Databases' })).toBeVisible()
})

test('a project is created with a quota, entered, held to it, left and deleted', async ({ page, open }) => {
  await open('/administration/projects')
  await page.getByRole('button', { name: 'Create project' }).click()
  const form = page.getByRole('dialog', { name: 'Create a project' })
  await form.getByLabel('Name').fill('lab')
  await form.getByLabel('Databases').fill('0')
  await form.getByRole('button', { name: 'Create project' }).click()
  await expect(page.getByRole('row', { name: /lab/ })).toContainText('of 0')

  const switchTo = async (name: string): Promise<void> => {
    await page.getByRole('button', { name: /^Project/ }).click()
    await page.getByRole('menuitem', { name }).click()
    await expect(page.getByRole('button', { name: /^Project/ })).toContainText(name)
  }
  await switchTo('lab')
  await page.getByRole('link', { name: 'Create database', exact: true }).click()
  await page.getByLabel('Name', { exact: true }).fill('one-too-many')
  await expect(page.getByRole('region', { name: 'What will happen' })).toContainText(/quota/i)
  await switchTo('default')

  await page.goto('/administration/projects')
  await page.getByRole('button', { name: 'Actions for lab' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByLabel('Type lab to confirm').fill('lab')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('row', { name: /lab/ })).toHaveCount(0)
})

test('who is no operator is not offered the administration, and sees a refusal at its address', async ({ page, open, server }) => {
  await makeDatabase(server, 'not-for-all')
  await open('/databases', page, await makePerson(server, 'plain', 'admin'))
  await expect(page.getByRole('link', { name: 'Administration' })).toHaveCount(0)
  await page.goto('/administration/people')
  await expect(page.getByRole('heading', { name: 'This is not for you to see' })).toBeVisible()
  expect((await page.request.get('/api/users')).status()).toBe(403)
})

test('the audit list is compact on a telephone', async ({ page, open, server }) => {
  await makeDatabase(server, 'pocket')
  await page.setViewportSize({ width: 390, height: 844 })
  await open('/audit')
  const entries = page.getByRole('region', { name: 'Audit entries' }).getByRole('listitem')
  await expect(entries.first()).toBeVisible()
  // Two lines of text, not five.
  expect((await entries.first().boundingBox())!.height).toBeLessThan(64)
  await entries.first().getByText(/\w+\.\w+/).first().click()
  await expect(entries.first()).toContainText('Hash')
})
