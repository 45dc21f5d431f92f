import { expect, makeDatabase, test, writeToLog } from './fixtures.ts'

test('what one person changes, another one sees without a reload', async ({ page, otherPage, open, server }) => {
  await makeDatabase(server, 'shared')
  await open('/databases')
  await open('/databases/shared/settings', otherPage)
  const row = page.getByRole('row', { name: /shared/ })
  await expect(row).toContainText('ready')

  await otherPage.getByLabel('Labels').fill('seen=by-both')
  await otherPage.getByRole('button', { name: 'Review and apply' }).click()
  await otherPage.getByRole('dialog').getByRole('button', { name: 'Apply' }).click()
  await expect(row).toContainText('seen=by-both')

  await page.goto('/databases/shared')
  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Hibernate' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Hibernate' }).click()
  await expect(otherPage.getByText('It is stopped and keeps its data.')).toBeVisible()

  await page.goto('/databases')
  await server.api('DELETE', '/api/databases/shared', { isAwaited: true })
  await expect(row).toHaveCount(0)
  await expect(otherPage.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
})

test('an answer that is under way does not bring back what is deleted meanwhile', async ({ page, open, server }) => {
  await makeDatabase(server, 'deleted-meanwhile')
  const held = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  await page.route(/\/api\/databases\?/, async (route) => {
    const response = await route.fetch()
    const body = await response.body()
    held.resolve()
    await released.promise
    await route.fulfill({ response, body })
  }, { times: 1 })
  await open('/databases?q=meanwhile')
  await held.promise
  await expect.poll(async () => (await server.api<string>('GET', '/metrics')).body).toMatch(/^howdah_event_streams 1$/m)
  await server.api('DELETE', '/api/databases/deleted-meanwhile', { isAwaited: true })
  released.resolve()
  await expect(page.getByText('No database matches')).toBeVisible()
})

test('a database that is created elsewhere appears in the list', async ({ page, open, server }) => {
  await open('/databases?q=elsewhere')
  await expect(page.getByText('No database matches')).toBeVisible()
  await makeDatabase(server, 'made-elsewhere')
  await expect(page.getByRole('row', { name: /made-elsewhere/ })).toContainText('ready')
})

test('many tabs share one event stream, and go on when the one that reads it is closed', async ({ page, open, server, context }) => {
  await makeDatabase(server, 'tabs')
  const streams = async () => Number(/^howdah_event_streams (\d+)/m.exec((await server.api<string>('GET', '/metrics')).body)?.[1])
  await expect.poll(streams).toBe(0)
  await open('/databases/tabs')
  const others = []
  // One more than a browser has connections to a server.
  for (let count = 0; count < 6; count++) {
    const other = await context.newPage()
    await other.goto('/databases/tabs')
    others.push(other)
  }
  const see = async (label: string, pages: readonly typeof page[]) => {
    await server.api('PATCH', '/api/databases/tabs', { body: { labels: { at: label } }, isAwaited: true })
    await Promise.all(pages.map(async one => await expect(one.getByText(`at=${label}`, { exact: true })).toBeVisible()))
  }
  await see('first', [page, ...others])
  expect(await streams()).toBe(1)
  await page.close()
  await see('second', others)
  expect(await streams()).toBe(1)
})

test('ten tabs with a log each follow it, and the page beside them still answers', async ({ page, open, server, context }) => {
  await makeDatabase(server, 'overheard')
  await open('/databases/overheard/logs')
  const logs = [page]
  while (logs.length < 10) {
    const other = await context.newPage()
    await other.goto('/databases/overheard/logs')
    logs.push(other)
  }
  await Promise.all(logs.map(async one => await expect(one.getByRole('log').getByRole('button').first()).toBeVisible()))
  await writeToLog(server, 'overheard', 'heard by all')
  await Promise.all(logs.map(async one => await expect(one.getByRole('log')).toContainText('heard by all')))
  await page.getByRole('link', { name: 'Parameters' }).click()
  await expect(page.getByRole('region', { name: 'Parameters' })).toContainText('work_mem')
})

test('a tab follows what another one does to the session', async ({ page, open, context }) => {
  await open('/settings')
  const other = await context.newPage()
  await other.goto('/audit')
  await expect(other.getByRole('heading', { name: 'Audit' })).toBeVisible()
  await page.getByRole('button', { name: 'Your account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(other.getByRole('heading', { name: 'Sign in to Howdah' })).toBeVisible()
})

test('a change on top of somebody else\'s shows it first', async ({ page, open, server }) => {
  await makeDatabase(server, 'contested', { labels: { team: 'before' } })
  await open('/databases/contested/settings')
  await page.getByLabel('Memory, MiB').fill('768')
  await page.getByRole('button', { name: 'Review and apply' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change contested' })
  await expect(dialog.getByRole('button', { name: 'Apply' })).toBeEnabled()

  await server.api('PATCH', '/api/databases/contested', { body: { labels: { team: 'theirs' } }, isAwaited: true })
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await expect(dialog).toContainText('Someone else changed it while you were editing')
  await expect(dialog).toContainText('from before → to theirs')
  await expect(dialog.getByRole('button', { name: 'Apply' })).toBeDisabled()

  await dialog.getByRole('button', { name: /make my change on top/ }).click()
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await expect(dialog).toBeHidden()
  await expect(async () => {
    const { body } = await server.api('GET', '/api/databases/contested')
    expect(body).toMatchObject({ memoryMib: 768, labels: { team: 'theirs' } })
  }).toPass()
})
