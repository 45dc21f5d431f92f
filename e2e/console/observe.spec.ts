import { expect, makeDatabase, makePerson, test, writeToLog } from './fixtures.ts'

interface Metrics {
  readonly series: readonly { readonly name: string, readonly values: readonly (number | null)[] }[]
}

test('what was measured is drawn, said in words and in a table, for the hours that the address asks for', async ({ page, open, server }) => {
  test.setTimeout(300_000)
  await makeDatabase(server, 'measured')
  // It is measured once a minute.
  await expect.poll(async () => {
    const { body } = await server.api<Metrics>('GET', '/api/databases/measured/metrics')
    return body.series.every(({ values }) => values.some(value => value !== null))
  }, { timeout: 240_000, intervals: [1000] }).toBe(true)
  await open('/databases/measured')
  const region = page.getByRole('region', { name: 'Use over time' })
  const storage = region.getByRole('figure', { name: /Storage/ })
  await expect(storage).toContainText(/\d+(?:\.\d+)? MiB/)
  await expect(region.getByRole('figure', { name: /Connections/ })).toContainText(/lowest \d+, highest \d+/)

  // There is no more of it yet.
  await expect(region.getByRole('button', { name: '1 h' })).toHaveAttribute('aria-pressed', 'true')
  await region.getByRole('button', { name: '6 h' }).click()
  await expect(page).toHaveURL(/hours=6/)
  await page.reload()
  await expect(region.getByRole('button', { name: '6 h' })).toHaveAttribute('aria-pressed', 'true')
  await region.getByText('As a table').click()
  await expect(region.getByRole('row').filter({ hasText: /MiB/ }).first()).toBeVisible()
})

test('"Test the connection" says how far it comes, as whom, and is audited', async ({ page, open, server }) => {
  await makeDatabase(server, 'diagnosed')
  await server.api('POST', '/api/databases/diagnosed/users', { body: { name: 'reporting', access: 'read-only' }, isAwaited: true })
  await open('/databases/diagnosed/connect')
  await page.getByLabel('User').selectOption('reporting')
  await page.getByRole('button', { name: 'Test the connection' }).click()
  await expect(page.getByText('It works', { exact: true })).toBeVisible()
  await expect(page.getByText(/reporting to diagnosed at/)).toBeVisible()
  for (const step of [/TCP\s*ok/, /TLS\s*ok/, /Certificate\s*ok/, /Authentication\s*ok/, /Query\s*ok/])
    await expect(page.getByRole('listitem').filter({ hasText: step })).toBeVisible()
  // Another user: what was said of the first is not said of this one.
  await page.getByLabel('User').selectOption({ index: 0 })
  await expect(page.getByText('It works', { exact: true })).toHaveCount(0)
  await page.goto('/databases/diagnosed/audit?action=databases.diagnose')
  await expect(page.getByRole('region', { name: 'Audit entries' }).getByRole('listitem')).toHaveCount(1)
})

test('a viewer cannot let the server use a password', async ({ page, open, server }) => {
  await makeDatabase(server, 'closed-to-viewers')
  await open('/databases/closed-to-viewers/connect', page, await makePerson(server, 'watcher', 'viewer'))
  await expect(page.getByRole('button', { name: 'Test the connection' })).toBeDisabled()
  expect((await page.request.post('/api/databases/closed-to-viewers/diagnose', { headers: { origin: server.url } })).status()).toBe(403)
})

test('a record of the log that somebody looks into stays in sight, whatever is written meanwhile', async ({ page, open, server }) => {
  await makeDatabase(server, 'studied')
  await writeToLog(server, 'studied', 'before', 200)
  await open('/databases/studied/logs')
  const log = page.getByRole('log')
  const record = log.getByRole('button').filter({ hasText: 'before 200' })
  await record.click()
  await expect(page.getByRole('region', { name: 'Chosen record' })).toContainText('before 200')
  await writeToLog(server, 'studied', 'after', 200)
  await expect(page.getByRole('region', { name: 'Server log' }).getByRole('status')).toContainText('paused')
  await expect(record).toBeInViewport()
  await page.getByRole('button', { name: 'Follow' }).click()
  await expect(log).toContainText('after 200')
  await page.goto('/databases/studied/logs?to=2020-01-01T00:00:00Z')
  await expect(page.getByText('No record matches')).toBeVisible()
})
