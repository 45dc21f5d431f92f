import type { Page } from '@playwright/test'
import type { RunningServer } from '../server.ts'
import pg from 'pg'
import { expectAccessible } from './axe.ts'
import { expect, makeDatabase, test } from './fixtures.ts'

/** What SQL says of a database, through the address that its owner is given. */
async function sql<Row extends pg.QueryResultRow>(server: RunningServer, name: string, text: string): Promise<Row[]> {
  const { body } = await server.api<{ formats: { uri: string } }>('GET', `/api/databases/${name}/connection`)
  const client = new pg.Client({ connectionString: body.formats.uri })
  await client.connect()
  const { rows } = await client.query<Row>(text)
  await client.end()
  return rows
}

/** From the filled form to the dialog that says how to connect. */
async function restoreAs(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await expect(page.getByRole('region', { name: 'What will happen' })).toContainText('No client connection is interrupted')
  await page.getByRole('button', { name: 'Restore', exact: true }).click()
  await expect(page.getByRole('dialog', { name: `${name} is ready` })).toBeVisible()
}

test('rows that were deleted by mistake are read again from a database restored to the moment before', async ({ page, open, server }) => {
  await makeDatabase(server, 'ledger')
  await sql(server, 'ledger', 'create table entry as select n from generate_series(1, 100) as n')
  await open('/databases/ledger/backups')
  await page.getByRole('button', { name: 'Back up now' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Back up now' }).click()
  const backups = page.getByRole('region', { name: 'Base backups' })
  await expect(backups.getByRole('row')).not.toHaveCount(0)

  await page.getByRole('button', { name: 'Create restore point' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('before-the-mistake')
  await page.getByRole('dialog').getByRole('button', { name: 'Create restore point' }).click()
  await expect(page.getByRole('region', { name: 'Restore points' })).toContainText('before-the-mistake')
  await sql(server, 'ledger', 'delete from entry where n > 10')

  await page.getByRole('button', { name: 'Restore to before-the-mistake' }).click()
  await expect(page.getByRole('slider', { name: 'Moment to restore' })).toHaveAttribute('aria-valuetext', /restore point before-the-mistake/)
  await page.getByRole('link', { name: 'Restore to a new database' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Restore to a new database' })).toBeVisible()
  await restoreAs(page, 'ledger-before')
  expect(await sql(server, 'ledger-before', 'select count(*)::int as rows from entry')).toEqual([{ rows: 100 }])
  expect(await sql(server, 'ledger', 'select count(*)::int as rows from entry')).toEqual([{ rows: 10 }])
})

test('a moment is picked by keyboard and by pointer, typed exactly, and kept by the address', async ({ page, open, server }) => {
  await makeDatabase(server, 'moments')
  await server.api('POST', '/api/databases/moments/backups', { isAwaited: true })
  await open('/databases/moments/backups')
  const slider = page.getByRole('slider', { name: 'Moment to restore' })
  const now = async (): Promise<number> => Number(await slider.getAttribute('aria-valuenow'))
  const limit = async (which: 'min' | 'max'): Promise<number> => Number(await slider.getAttribute(`aria-value${which}`))
  await slider.focus()
  await page.keyboard.press('Home')
  await expect.poll(now).toBe(await limit('min'))
  await expect(page).toHaveURL(/(?:backup|at)=/)
  await page.keyboard.press('ArrowRight')
  await expect.poll(now).toBeGreaterThan(await limit('min'))

  const box = await slider.boundingBox()
  await page.mouse.click(box!.x + box!.width * 0.99, box!.y + box!.height / 2)
  await expect(page.getByLabel('State')).toHaveValue('latest')
  await page.getByRole('button', { name: 'Previous mark' }).click()
  await expect(page.getByLabel('State')).not.toHaveValue('latest')

  await page.getByLabel('State').selectOption('A position in the WAL')
  await expect(page.getByRole('button', { name: 'Restore to a new database' })).toBeDisabled()
  await page.getByLabel('LSN').fill('0/3000158')
  await page.getByLabel('LSN').press('Enter')
  await expect(page.getByText('All that was written before the position 0/3000158')).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('LSN')).toHaveValue('0/3000158')
  await page.getByRole('link', { name: 'Restore to a new database' }).click()
  await page.getByLabel('Name', { exact: true }).fill('moments-lsn')
  await expect(page.getByRole('region', { name: 'CLI' })).toContainText('howdah restore moments moments-lsn')
  await expect(page.getByRole('region', { name: 'CLI' })).toContainText('--lsn 0/3000158')
})

test('times on the line of time can be read on a telephone', async ({ page, open, server }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await makeDatabase(server, 'narrow-line')
  await server.api('POST', '/api/databases/narrow-line/backups', { isAwaited: true })
  // The time of day with its seconds takes the most room.
  await page.route('**/restore-window', async (route) => {
    const response = await route.fetch()
    const window = await response.json() as { earliest: string }
    await route.fulfill({ response, json: { ...window, earliest: new Date(Date.parse(window.earliest) - 40_000).toISOString() } })
  })
  await open('/databases/narrow-line/backups')
  const labels = page.locator('.tick')
  await expect(labels.first()).toBeVisible()
  const boxes = await labels.evaluateAll(ticks => ticks.map(tick => tick.getBoundingClientRect()).map(({ left, right }) => ({ left, right })))
  expect(boxes.filter(({ left }, index) => index > 0 && left < boxes[index - 1]!.right)).toEqual([])
})

test('a time that cannot be restored is answered with the nearest that can', async ({ page, open, server }) => {
  await makeDatabase(server, 'too-early')
  await server.api('POST', '/api/databases/too-early/backups', { isAwaited: true })
  await open('/databases/too-early/backups?at=2001-02-03T04:05:06.000Z')
  const region = page.getByRole('region', { name: 'Restore window' })
  await expect(region).toContainText('before the first moment that can be restored')
  await expect(region.getByRole('button', { name: 'Restore to a new database' })).toBeDisabled()
  await region.getByText('before the first moment').locator('..').getByRole('button').click()
  await expect(region.getByRole('link', { name: 'Restore to a new database' })).toBeVisible()
  // Whoever asks the server all the same is answered in the same way.
  await page.goto('/databases/new?from=too-early&name=never&at=2001-02-03T04:05:06.000Z')
  await expect(page.getByRole('region', { name: 'What will happen' })).toContainText('nearest')
})

test('a branch is made with an end, stands below its parent on every open page, and goes alone', async ({ page, otherPage, open, server }) => {
  await makeDatabase(server, 'trunk')
  await sql(server, 'trunk', 'create table leaf as select 1 as n')
  await open('/databases/trunk/branches', otherPage)
  await open('/databases/trunk/branches')
  await page.getByRole('button', { name: 'Create branch' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('twig')
  await dialog.getByLabel('Deletes itself').selectOption('in a week')
  await dialog.getByRole('button', { name: 'Create branch' }).click()
  for (const each of [page, otherPage])
    await expect(each.getByRole('list', { name: 'Branches of trunk' }).getByRole('listitem').filter({ hasText: 'twig' })).toContainText(/ready.*deletes itself in 6 d 23 h|ready.*deletes itself in 7 d 0 h/s)
  expect(await sql(server, 'twig', 'select n from leaf')).toEqual([{ n: 1 }])

  await page.getByRole('link', { name: 'twig' }).click()
  await expect(page.getByRole('region', { name: 'Address and sizes' })).toContainText('trunk was then')
  await page.goBack()
  await page.getByRole('button', { name: 'Delete twig' }).click()
  await page.getByLabel('Type twig to confirm').fill('twig')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  for (const each of [page, otherPage])
    await expect(each.getByText('trunk has no branches')).toBeVisible()
  expect(await sql(server, 'trunk', 'select n from leaf')).toEqual([{ n: 1 }])
})

test('a backup is proved on demand, and everybody sees what the drill found', async ({ page, otherPage, open, server }) => {
  await makeDatabase(server, 'proven')
  await open('/databases/proven/backups', otherPage)
  await open('/databases/proven/backups')
  await expect(page.getByRole('button', { name: 'Drill now' })).toBeDisabled()
  await server.api('POST', '/api/databases/proven/backups', { isAwaited: true })
  const backups = otherPage.getByRole('region', { name: 'Base backups' })
  await expect(backups).toContainText('not proved')
  await page.getByRole('button', { name: 'Drill now' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Drill now' }).click()
  // It waits until what it wrote is archived: a segment of WAL that is full goes at once.
  await expect(async () => {
    await sql(server, 'proven', 'create table if not exists ballast (text text)')
    await sql(server, 'proven', 'insert into ballast select repeat(md5(n::text), 32) from generate_series(1, 20000) n')
    expect((await server.api('GET', '/api/databases/proven')).body).toMatchObject({ lastDrill: { outcome: 'passed' } })
  }).toPass({ intervals: [2000] })
  for (const one of [page, otherPage]) {
    await expect(one.getByRole('region', { name: 'Restore drill' })).toContainText(/passed.*Recovery time \(RTO\)[^\d\n\r\u2028\u2029]*\d.*Data at risk \(RPO\)/)
    await expect(one.getByRole('region', { name: 'Base backups' }).getByText('proved', { exact: true })).toBeVisible()
  }
  await backups.getByRole('button', { name: /Actions for the backup/ }).click()
  await otherPage.getByRole('menuitem', { name: 'Show the proof' }).click()
  await expect(otherPage.getByRole('dialog').getByRole('list', { name: 'Checks' }).getByRole('listitem').first()).toContainText('passed')
  await expectAccessible(otherPage)
})

test('the schema of a branch is compared with its parent\'s, also by address', async ({ page, open, server }) => {
  await makeDatabase(server, 'elm')
  await sql(server, 'elm', 'create table leaf (n int)')
  await makeDatabase(server, 'sprig', { from: { database: 'elm' } })
  await sql(server, 'sprig', 'alter table leaf add column colour text; create view green as select n from leaf')
  await open('/databases/elm/branches')
  await page.getByRole('button', { name: 'Compare the schema of sprig' }).click()
  const dialog = page.getByRole('dialog', { name: 'Schema of sprig' })
  await expect(dialog).toContainText('public.green')
  await expect(dialog.getByRole('region', { name: /Difference of .*leaf/ }).first()).toContainText(/\+ .*colour/)
  await expectAccessible(page)
  await page.reload()
  await expect(dialog).toContainText('against elm')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await page.goto('/databases/sprig/branches')
  await page.getByRole('button', { name: 'Compare the schema', exact: true }).click()
  await expect(dialog).toContainText('public.green')
})

test('a database is restored in place with its plan before, and that is undone', async ({ page, open, server }) => {
  await makeDatabase(server, 'journal')
  await sql(server, 'journal', 'create table entry as select n from generate_series(1, 100) as n')
  await server.api('POST', '/api/databases/journal/backups', { isAwaited: true })
  await server.api('POST', '/api/databases/journal/restore-points', { body: { name: 'all-there' } })
  await sql(server, 'journal', 'delete from entry where n > 10')
  await open('/databases/journal/backups')
  await expect(page.getByRole('button', { name: 'Restore in place' })).toBeDisabled()
  await page.getByRole('button', { name: 'Restore to all-there' }).click()
  await page.getByRole('button', { name: 'Restore in place' }).click()
  const dialog = page.getByRole('dialog', { name: 'Restore in place: journal' })
  await expect(dialog).toContainText('before the restore point all-there')
  await expectAccessible(page)
  await expect(dialog).toContainText('Client connections are cut once')
  await dialog.getByRole('button', { name: 'Restore in place' }).click()
  await page.getByRole('button', { name: 'Undo restore' }).click()
  expect(await sql(server, 'journal', 'select count(*)::int as rows from entry')).toEqual([{ rows: 100 }])
  await page.getByRole('dialog', { name: 'Undo restore: journal' }).getByRole('button', { name: 'Undo restore' }).click()
  await expect(page.getByRole('button', { name: 'Undo restore' })).toHaveCount(0)
  await expect(page.getByText('ready', { exact: true }).first()).toBeVisible()
  expect(await sql(server, 'journal', 'select count(*)::int as rows from entry')).toEqual([{ rows: 10 }])
})

test('a branch is reset to what its parent is now', async ({ page, open, server }) => {
  await makeDatabase(server, 'oak')
  await sql(server, 'oak', 'create table leaf as select 1 as n')
  await makeDatabase(server, 'acorn', { from: { database: 'oak' } })
  await sql(server, 'acorn', 'drop table leaf')
  await open('/databases/acorn/branches')
  await page.getByRole('button', { name: 'Reset to oak' }).click()
  await page.getByRole('dialog', { name: 'Reset: acorn' }).getByRole('button', { name: 'Reset' }).click()
  await page.goto('/databases/acorn/backups')
  await expect(page.getByRole('button', { name: 'Undo restore' })).toBeEnabled()
  expect(await sql(server, 'acorn', 'select n from leaf')).toEqual([{ n: 1 }])
})

test('a database that was deleted is listed while its backups are kept, and brought back with its rows', async ({ page, open, server }) => {
  await makeDatabase(server, 'phoenix')
  await sql(server, 'phoenix', 'create table ash as select 7 as n')
  await server.api('POST', '/api/databases/phoenix/backups', { isAwaited: true })
  await open('/deleted-databases')
  await server.api('DELETE', '/api/databases/phoenix', { isAwaited: true })
  await page.getByRole('link', { name: 'Restore phoenix' }).click()
  await expect(page.getByRole('group', { name: /It begins as phoenix/ })).toBeVisible()
  await page.getByRole('slider', { name: 'Moment to restore' }).focus()
  await page.keyboard.press('End')
  await expect(page.getByRole('combobox', { name: 'State' })).toHaveValue(/latest|at/)
  await restoreAs(page, 'phoenix')
  expect(await sql(server, 'phoenix', 'select n from ash')).toEqual([{ n: 7 }])
})

test('schedule and retention are changed in the settings, with what the server says of a wrong one', async ({ page, open, server }) => {
  await makeDatabase(server, 'nightly')
  await open('/databases/nightly/settings')
  await page.getByLabel('Backup schedule').fill('every night')
  await page.getByRole('button', { name: 'Review and apply' }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('five fields of cron')
  await page.getByRole('dialog').getByRole('button', { name: 'Back', exact: true }).click()
  await page.getByLabel('Backup schedule').fill('30 2 * * *')
  await page.getByLabel('Time zone', { exact: true }).fill('Europe/Berlin')
  await page.getByLabel('Retention, days').fill('30')
  await page.getByRole('button', { name: 'Review and apply' }).click()
  await expect(page.getByRole('dialog')).toContainText('backup.retentionDays')
  await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click()
  await page.getByRole('link', { name: 'Backups', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Base backups' })).toContainText('Backed up every day at 02:30 (Europe/Berlin); any moment of the last 30 days')
})

test('a snapshot of the volume is offered where the location has them, and is asked for by its name', async ({ page, open, server }) => {
  await makeDatabase(server, 'pictured')
  const backUp = page.getByRole('button', { name: 'Back up now' })
  const asSnapshot = page.getByRole('dialog').getByRole('radio', { name: /As a snapshot of the volume/ })
  await open('/databases/pictured/backups')
  await backUp.click()
  await expect(page.getByRole('dialog')).toContainText('copied into the archive')
  await expect(asSnapshot).toHaveCount(0)

  // As on Kubernetes with a class for it.
  await page.route('/api/capabilities', async (route) => {
    const response = await route.fetch()
    const body = await response.json() as { locations: object[] }
    await route.fulfill({ response, json: { ...body, locations: body.locations.map(location => ({ ...location, snapshot: true })) } })
  })
  await page.reload()
  await backUp.click()
  await expect(page.getByRole('dialog').getByRole('radio', { name: /In the archive/ })).toBeChecked()
  await expectAccessible(page)
  await asSnapshot.check()
  const asked = page.waitForRequest(request => request.method() === 'POST' && request.url().includes('/backups'))
  await page.getByRole('dialog').getByRole('button', { name: 'Back up now' }).click()
  expect(new URL((await asked).url()).searchParams.get('method')).toBe('snapshot')
  // This location takes none, whatever the page was told.
  await expect(page.getByRole('dialog')).toContainText('takes no snapshots of volumes')
})
