import type { Page } from '@playwright/test'
import type { RunningServer } from '../server.ts'
import { problemsOf } from './axe.ts'
import { expect, makeDatabase, makePerson, test, writeToLog } from './fixtures.ts'
import { hasRun, inlineScript, scrollWidth } from './in-page.ts'

/** Every page that there is, of a database that is there, and of what is not. */
async function pagesOf(server: RunningServer, name: string): Promise<string[]> {
  const { body } = await server.api<{ items: { id: string }[] }>('GET', `/api/operations?database=${name}`)
  return [
    '/databases',
    '/databases/new',
    `/databases/${name}`,
    `/databases/${name}/connect`,
    `/databases/${name}/users`,
    `/databases/${name}/extensions`,
    `/databases/${name}/parameters`,
    `/databases/${name}/backups`,
    `/databases/${name}/branches`,
    `/databases/${name}/logs`,
    `/databases/${name}/events`,
    `/databases/${name}/audit`,
    `/databases/${name}/settings`,
    '/databases/missing',
    `/databases/new?from=${name}&name=restored`,
    '/deleted-databases',
    '/operations',
    `/operations/${body.items[0]?.id}`,
    '/audit',
    '/access/members',
    '/access/keys',
    '/administration/people',
    '/administration/projects',
    '/settings',
    '/no-such-page',
  ]
}

/** Each dialog: where it is, and how a person comes to it. Those that need more than a database are looked at where they are tested. */
function dialogsOf(name: string): readonly { readonly path: string, readonly open: (page: Page) => Promise<void> }[] {
  const press = (path: string, ...buttons: string[]) => ({
    path,
    open: async (page: Page) => {
      for (const button of buttons)
        await page.getByRole('button', { name: button, exact: true }).or(page.getByRole('menuitem', { name: button, exact: true })).first().click()
    },
  })
  return [
    { path: '/databases', open: async page => await page.keyboard.press('Control+k') },
    press(`/databases/${name}`, 'Actions', 'Restart'),
    press(`/databases/${name}`, 'Actions', 'Delete'),
    press(`/databases/${name}/users`, 'Create user'),
    press(`/databases/${name}/users`, 'Create logical database'),
    press(`/databases/${name}/users`, `Actions for ${name}`, 'Change'),
    press(`/databases/${name}/users`, `Actions for ${name}`, 'Reset password'),
    press(`/databases/${name}/backups`, 'Back up now'),
    press(`/databases/${name}/backups`, 'Create restore point'),
    press(`/databases/${name}/branches`, 'Create branch'),
    press(`/databases/${name}/settings`, 'Delete …'),
    {
      path: `/databases/${name}/settings`,
      open: async (page) => {
        await page.getByLabel('Memory, MiB').fill('640')
        await page.getByRole('button', { name: 'Review and apply' }).click()
        await expect(page.getByRole('dialog').getByRole('button', { name: 'Apply' })).toBeEnabled()
      },
    },
    press('/access/members', 'Add member'),
    press('/access/keys', 'Create API key'),
    press('/administration/people', 'Add person'),
    press('/administration/projects', 'Create project'),
  ]
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${colorScheme}`, async ({ page, open, server }) => {
    test.setTimeout(300_000)
    await makeDatabase(server, `checked-${colorScheme}`, { labels: { team: 'shop' } })
    // An operation that names what it is about.
    await server.api('POST', `/api/databases/checked-${colorScheme}/backups`, { isAwaited: true })
    await page.emulateMedia({ colorScheme })
    await open('/')
    for (const path of await pagesOf(server, `checked-${colorScheme}`)) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByText('Loading', { exact: true })).toHaveCount(0)
      expect.soft(await problemsOf(page), path).toEqual([])
    }
  })

  test(`axe finds nothing in any dialog or menu, ${colorScheme}`, async ({ page, open, server }) => {
    const name = `asked${colorScheme}`
    await makeDatabase(server, name)
    await page.emulateMedia({ colorScheme })
    await open('/')
    for (const { path, open: show } of dialogsOf(name)) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await show(page)
      const dialog = page.getByRole('dialog')
      await expect(dialog).toBeVisible()
      expect.soft(await problemsOf(page), `${path}: ${await dialog.getByRole('heading').first().textContent()}`).toEqual([])
    }
    await page.goto(`/databases/${name}?created=1`)
    await page.getByRole('button', { name: 'Show connection strings' }).click()
    await expect(page.getByRole('region', { name: 'URI' })).toBeVisible()
    expect(await problemsOf(page), 'connection strings').toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Actions', exact: true }).click()
    await expect(page.getByRole('menu')).toBeVisible()
    expect(await problemsOf(page), 'menu').toEqual([])
  })
}

test('the sign-in page is accessible', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByLabel('E-mail')).toBeVisible()
  expect(await problemsOf(page)).toEqual([])
})

test('nothing is wider than a telephone', async ({ page, open, server }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  const name = `narrow-${'x'.repeat(33)}`
  await makeDatabase(server, name, { labels: { 'a-rather-long-key': 'and-a-value-without-any-space-to-break-at' } })
  await open('/')
  for (const path of await pagesOf(server, name)) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    expect(await page.evaluate(scrollWidth), path).toBeLessThanOrEqual(390)
  }
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'Operations' }).click()
  await expect(page.getByRole('heading', { name: 'Operations' })).toBeVisible()
})

test('text that looks like HTML is shown, never run, wherever it comes from', async ({ page, open, server }) => {
  const evil = '<img src=x onerror=alert(1)>'
  await makeDatabase(server, 'evil')
  await makePerson(server, `${evil}`.slice(0, 28), 'viewer', 'evil@example.org')
  await writeToLog(server, 'evil', evil)
  page.on('dialog', () => expect.soft(false, 'a script ran').toBe(true))
  await open(`/databases?q=${encodeURIComponent(evil)}`)
  await expect(page.getByRole('searchbox', { name: 'Name contains' })).toHaveValue(evil)
  await page.goto(`/databases/${encodeURIComponent(evil)}`)
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
  await page.goto(`/databases/evil/logs?contains=${encodeURIComponent(evil)}`)
  await page.getByRole('log').getByRole('button').filter({ hasText: evil }).click()
  await expect(page.getByRole('region', { name: 'Chosen record' })).toContainText(evil)
  await page.goto(`/audit?actor=${encodeURIComponent(evil)}`)
  await expect(page.getByText('No entry matches')).toBeVisible()
  await page.goto('/access/members')
  await expect(page.getByRole('row', { name: /evil@example.org/ })).toContainText('<img src=x')
  await page.goto('/databases/evil/settings')
  await page.getByLabel('Labels').fill(`team=${evil}`)
  await page.getByRole('button', { name: 'Review and apply' }).click()
  await expect(page.getByRole('dialog')).toContainText(evil)
  await expect(page.locator('img')).toHaveCount(0)
})

test('a filter and a tab have their address, and back returns to the place', async ({ page, open, server }) => {
  await makeDatabase(server, 'placed', { labels: { team: 'place' } })
  await open('/databases')
  await page.getByRole('searchbox', { name: 'Name contains' }).fill('placed')
  await expect(page).toHaveURL(/q=placed/)
  await page.getByRole('link', { name: 'placed' }).click()
  await page.getByRole('link', { name: 'Parameters' }).click()
  await expect(page).toHaveTitle('placed Parameters · Howdah')
  await page.goBack()
  await page.goBack()
  await expect(page.getByRole('searchbox', { name: 'Name contains' })).toHaveValue('placed')
  await page.reload()
  await expect(page.getByRole('link', { name: 'placed' })).toBeVisible()
})

test('a violation of the content security policy is refused, and would fail a test', async ({ page, open, errors }) => {
  await open('/databases')
  await page.evaluate(inlineScript).catch(error => errors.push(String(error)))
  await expect.poll(() => errors.length).toBeGreaterThan(0)
  expect(errors.splice(0).join(' ')).toMatch(/Content Security Policy|TrustedScript/)
  expect(await page.evaluate(hasRun)).toBe(false)
})
