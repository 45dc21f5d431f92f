import type { RunningServer } from '../server.ts'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { dataOf, until } from '@howdah/testkit'
import { expectAccessible } from './axe.ts'
import { expect, makeDatabase, sql, test } from './fixtures.ts'
import { scrollWidth } from './in-page.ts'

/** What is seldom seen: WAL that is missing, a replica that is behind, a branch of a branch. Each is had as it comes about. */

async function idOf(server: RunningServer, name: string): Promise<string> {
  return (await server.api<{ id: string }>('GET', `/api/databases/${name}`)).body.id
}

async function backUp(server: RunningServer, name: string): Promise<{ startLsn: string }> {
  await server.api('POST', `/api/databases/${name}/backups`, { isAwaited: true })
  const { body } = await server.api<{ items: { startLsn: string, finishedAt: string }[] }>('GET', `/api/databases/${name}/backups`)
  return body.items.sort((a, b) => b.finishedAt.localeCompare(a.finishedAt))[0]!
}

/** The server of an instance. */
async function serverOf(server: RunningServer, name: string, ordinal = 1): Promise<number> {
  return Number.parseInt(await readFile(join(await dataOf(server.dataDir, await idOf(server, name), ordinal), 'postmaster.pid'), 'utf8'))
}

/** A child of a server by its title. */
async function childOf(parent: number, title: string): Promise<number> {
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    // It may have ended.
    const [command, stat] = await Promise.all(['cmdline', 'stat'].map(async file => await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')))
    if (command?.includes(title) && Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent)
      return Number(pid)
  }
  throw new Error(`there is no ${title}`)
}

test('a stretch without WAL and what happened meanwhile stand on the line of time, and a moment in it leads to the nearest ones', async ({ page, open, server }) => {
  await makeDatabase(server, 'torn')
  await backUp(server, 'torn')
  await sql(server, 'torn', 'create table ballast as select repeat(md5(n::text), 32) as text from generate_series(1, 40000) n')
  // The last seconds of what is archived are not promised.
  await sql(server, 'torn', 'select pg_sleep(6)')
  process.kill(await serverOf(server, 'torn'), 'SIGKILL')
  await until(async () => (await server.api<{ phase: string }>('GET', '/api/databases/torn')).body.phase === 'ready' && await sql(server, 'torn', 'select 1').then(() => true, () => false), { deadlineMs: 60_000, what: 'it serves again' })
  const { startLsn } = await backUp(server, 'torn')
  // The one before the second backup began.
  const wal = join(server.dataDir, 'backups', await idOf(server, 'torn'), 'wal')
  const begins = Number.parseInt(startLsn.split('/')[1]!, 16) >> 24
  await rm(join(wal, `0000000100000000${(begins - 1).toString(16).toUpperCase().padStart(8, '0')}`))

  await open('/databases/torn/backups')
  const region = page.getByRole('region', { name: 'Restore window' })
  await expect(region.getByText('WAL is missing')).toBeVisible()
  await expect(region.getByTitle('WAL is missing')).toBeVisible()
  const [gap, track] = await Promise.all([region.getByTitle('WAL is missing').boundingBox(), region.getByRole('slider').boundingBox()])
  expect(gap!.width).toBeGreaterThan(2)
  await expect(region.locator('.track .mark[data-lane="event"][data-tone]').first()).toHaveAttribute('title', /\w/)
  await expectAccessible(page)
  await page.mouse.click(gap!.x + gap!.width / 2, track!.y + track!.height - 30)
  await expect(region).toContainText('WAL is missing')
  await expect(region.getByRole('button', { name: 'Restore to a new database' })).toBeDisabled()
  await region.locator('.problem').locator('..').getByRole('button').first().click()
  await expect(region.getByRole('link', { name: 'Restore to a new database' })).toBeVisible()
})

test('a replica that is behind says by how much, until it has caught up', async ({ page, open, server }) => {
  await makeDatabase(server, 'slow', { instances: 2 })
  await open('/databases/slow')
  const replica = page.getByRole('region', { name: 'Instances' }).getByRole('listitem').filter({ hasText: 'slow-2' })
  await expect(replica).toContainText(/up to date.*ready/s)
  const receiver = await childOf(await serverOf(server, 'slow', 2), 'walreceiver')
  process.kill(receiver, 'SIGSTOP')
  await sql(server, 'slow', 'create table ballast as select repeat(md5(n::text), 32) as text from generate_series(1, 20000) n')
  await expect(replica).toContainText(/\d MiB, [1-9][\d.]* s behind/)
  await expectAccessible(page)
  process.kill(receiver, 'SIGCONT')
  await expect(replica).toContainText(/up to date.*ready/s)
})

test('a branch of a branch stands below its own parent, and both can be folded away', async ({ page, open, server }) => {
  await makeDatabase(server, 'stem')
  await makeDatabase(server, 'limb', { from: { database: 'stem' } })
  await makeDatabase(server, 'shoot', { from: { database: 'limb' } })
  await open('/databases/stem/branches')
  const children = page.getByRole('list', { name: 'Branches of stem' })
  await expect(children.getByRole('listitem')).toHaveCount(1)
  await page.getByRole('button', { name: 'Branches of limb' }).click()
  const grandchildren = page.getByRole('list', { name: 'Branches of limb' })
  await expect(grandchildren.getByRole('listitem')).toContainText('shoot')
  const [parent, child] = await Promise.all(['limb', 'shoot'].map(async name => await page.getByRole('link', { name }).boundingBox()))
  expect(child!.x).toBeGreaterThan(parent!.x)
  await page.getByRole('button', { name: 'Branches of shoot' }).click()
  await expect(grandchildren).toContainText('shoot has no branches')
  await expectAccessible(page)
  await page.setViewportSize({ width: 390, height: 844 })
  await expect(grandchildren.getByRole('link', { name: 'shoot' })).toBeVisible()
  expect(await page.evaluate(scrollWidth)).toBeLessThanOrEqual(390)
  await page.getByRole('button', { name: 'Branches of limb' }).click()
  await expect(grandchildren).toBeHidden()
})
