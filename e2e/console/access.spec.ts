import { expect, makeDatabase, makePerson, test } from './fixtures.ts'

test('a viewer is offered nothing that is forbidden, and is refused when asking for it all the same', async ({ page, open, server }) => {
  await makeDatabase(server, 'looked-at')
  await open('/databases', page, await makePerson(server, 'viewer', 'viewer'))
  await expect(page.getByRole('link', { name: 'looked-at', exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: /^Create/ })).toHaveCount(0)

  await page.goto('/databases/looked-at')
  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  for (const action of ['Restart', 'Hibernate', 'Rotate credentials', 'Delete']) {
    const item = page.getByRole('menuitem', { name: action })
    await expect(item).toHaveAttribute('aria-disabled', 'true')
    await expect(item).toContainText('Your role does not allow it')
  }
  await page.keyboard.press('Escape')

  await page.goto('/databases/looked-at/connect')
  await expect(page.getByRole('button', { name: 'Show connection strings' })).toBeDisabled()
  await page.goto('/databases/looked-at/users')
  await expect(page.getByRole('button', { name: 'Create user' })).toBeDisabled()
  await page.goto('/databases/looked-at/parameters?q=work_mem')
  await expect(page.getByLabel('work_mem', { exact: true })).toBeDisabled()
  await page.goto('/databases/looked-at/extensions?q=pgcrypto')
  await expect(page.getByRole('switch', { name: 'pgcrypto' })).toBeDisabled()
  await page.goto('/databases/looked-at/backups')
  await expect(page.getByRole('button', { name: 'Back up now' })).toBeDisabled()
  await expect(page.getByRole('button', { name: 'Create restore point' })).toBeDisabled()
  await page.goto('/databases/looked-at/branches')
  await expect(page.getByRole('button', { name: 'Create branch' })).toBeDisabled()
  await page.goto('/databases/looked-at/settings')
  await expect(page.getByLabel('Labels')).toBeDisabled()
  await expect(page.getByRole('button', { name: 'Delete …' })).toBeDisabled()
  await page.goto('/access/members')
  await expect(page.getByRole('button', { name: 'Add member' })).toBeDisabled()
  await page.goto('/access/keys')
  await expect(page.getByRole('button', { name: 'Create API key' })).toBeDisabled()

  // With the page's own cookies, as a script in it would.
  const ask = async (method: string, path: string, data?: object) => (await page.request.fetch(path, { method, headers: { origin: server.url }, ...(data && { data }) })).status()
  expect(await ask('POST', '/api/databases', { name: 'forbidden' })).toBe(403)
  expect(await ask('POST', '/api/databases/looked-at/hibernate')).toBe(403)
  expect(await ask('GET', '/api/databases/looked-at/connection')).toBe(403)
  expect(await ask('POST', '/api/databases/looked-at/backups')).toBe(403)
  expect(await ask('POST', '/api/databases/looked-at/restore-points', { name: 'forbidden' })).toBe(403)
  expect(await ask('DELETE', '/api/databases/looked-at')).toBe(403)
})

test('a page that the role does not allow says so, and does not offer the form', async ({ page, open, server }) => {
  await open('/databases/new', page, await makePerson(server, 'onlooker', 'viewer'))
  await expect(page.getByRole('heading', { name: 'This is not for you to see' })).toBeVisible()
  await expect(page.getByLabel('Name', { exact: true })).toHaveCount(0)
  await page.getByRole('link', { name: 'All databases' }).click()
  await expect(page).toHaveURL(/\/databases$/)
})

test('what does not exist has a page of its own', async ({ page, open }) => {
  await open('/databases/nowhere/settings')
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
  await page.goto('/operations/00000000-0000-4000-8000-000000000000')
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
  await page.goto('/no/such/page')
  await expect(page.getByRole('heading', { name: 'There is no page here' })).toBeVisible()
  await expect(page).toHaveTitle('Not found · Howdah')
})

test('an API key is shown once, works, and is refused when it is revoked', async ({ page, open, server }) => {
  await open('/access/keys')
  await page.getByRole('button', { name: 'Create API key' }).click()
  const form = page.getByRole('dialog', { name: 'Create an API key' })
  await form.getByLabel('Name').fill('pipeline')
  await form.getByRole('button', { name: 'Create API key' }).click()
  const shown = page.getByRole('dialog', { name: 'Your new API key' })
  const key = (await shown.getByRole('region', { name: 'API key' }).textContent())?.trim() ?? ''
  expect((await server.api('GET', '/api/databases', { token: key })).status).toBe(200)
  await shown.getByRole('button', { name: 'Close' }).click()
  await expect(page.getByText(key)).toHaveCount(0)
  await page.getByRole('button', { name: 'Revoke pipeline' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByRole('row', { name: /pipeline/ })).toHaveCount(0)
  expect((await server.api('GET', '/api/databases', { token: key })).status).toBe(401)
})
