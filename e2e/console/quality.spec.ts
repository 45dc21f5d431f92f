import { AxeBuilder } from '@axe-core/playwright'
import { expect, makeDatabase, test } from './fixtures.ts'

function pagesOf(name: string) {
  return [
    '/databases',
    '/databases/new',
    `/databases/${name}`,
    `/databases/${name}/connect`,
    `/databases/${name}/users`,
    `/databases/${name}/extensions`,
    `/databases/${name}/parameters`,
    `/databases/${name}/logs`,
    `/databases/${name}/events`,
    `/databases/${name}/audit`,
    `/databases/${name}/settings`,
    '/databases/missing',
    '/operations',
    '/audit',
    '/access/members',
    '/access/keys',
    '/settings',
    '/no-such-page',
  ]
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${colorScheme}`, async ({ page, open, server }) => {
    test.setTimeout(150_000)
    await makeDatabase(server, `checked-${colorScheme}`, { labels: { team: 'shop' } })
    await page.emulateMedia({ colorScheme })
    await open('/')
    for (const path of pagesOf(`checked-${colorScheme}`)) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByText('Loading', { exact: true })).toHaveCount(0)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => `${path} ${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    }
  })
}

test('the sign-in page is accessible', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByLabel('E-mail')).toBeVisible()
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
})

test('nothing is wider than a telephone', async ({ page, open, server }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await makeDatabase(server, 'narrow')
  await open('/')
  for (const path of pagesOf('narrow')) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(390)
  }
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'Operations' }).click()
  await expect(page.getByRole('heading', { name: 'Operations' })).toBeVisible()
})

test('the first load is at most 200 kB of JavaScript and CSS', async ({ page, open }) => {
  const sizes: Promise<number>[] = []
  page.on('requestfinished', request => /\.(?:js|css)$/.test(request.url()) && sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize)))
  await open('/databases')
  await expect(page.getByRole('region', { name: 'Databases of this project' }).getByRole('link').first()).toBeVisible()
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  expect(total).toBeGreaterThan(0)
  expect(total).toBeLessThanOrEqual(200_000)
})

test('text that looks like HTML is shown, never run', async ({ page, open, server }) => {
  const evil = '<img src=x onerror=alert(1)>'
  await makeDatabase(server, 'evil')
  page.on('dialog', () => expect.soft(false, 'a script ran').toBe(true))
  await open(`/databases?q=${encodeURIComponent(evil)}`)
  await expect(page.getByRole('searchbox', { name: 'Name contains' })).toHaveValue(evil)
  await page.goto(`/databases/${encodeURIComponent(evil)}`)
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
  await page.goto(`/databases/evil/logs?contains=${encodeURIComponent(evil)}`)
  await expect(page.getByText('No record matches')).toBeVisible()
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
