/** What is left of an installation after its machine is lost, archives and the key, and what the command makes of it. */
import type { LostInstallation, RestoredFolder } from './lost-installation.ts'
import { Buffer } from 'node:buffer'
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ledgerOf, lostInstallation } from './lost-installation.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

let lost: LostInstallation
let place: string
let key: string

beforeAll(async () => {
  lost = await lostInstallation({}, async (dataDir, folder) => await cp(join(dataDir, 'backups'), join(folder, 'backups'), { recursive: true, preserveTimestamps: true }))
  place = join(lost.folder, 'backups')
  key = lost.key
})
afterAll(async () => await lost?.remove())

it('inspect tells whose archives they are, what can be restored, and that all of it is whole', async () => {
  const { code, stdout, stderr } = await lost.howdah('backup', 'inspect', place, '--key', key, '--verify', '-o', 'json')
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject([{ id: lost.id, name: 'orders', project: 'default', backups: [{ proof: null }], points: [{ name: 'the-end' }], problems: [] }])
  expect((await lost.howdah('backup', 'inspect', place, '--key', key)).stdout).toContain('orders')
})

it('restore makes a data folder that PostgreSQL starts from, at the moment that was asked for', async () => {
  const folder = join(lost.folder, 'orders')
  const { code, stdout, stderr } = await lost.howdah('restore', 'orders', folder, '--from', place, '--key', key, '--point', 'the-end', '-o', 'json')
  expect(code, stderr).toBe(0)
  const restored = JSON.parse(stdout) as RestoredFolder
  expect((await stat(restored.passwordFile)).mode & 0o777).toBe(0o600)
  expect(await ledgerOf(restored)).toEqual({ rows: 1500, last: 1500 })
  expect((await lost.howdah('restore', 'orders', folder, '--from', place, '--key', key)).stderr).toContain('is not empty')
})

it('what is damaged is named, and fails the command', async () => {
  const damaged = join(lost.folder, 'damaged')
  await cp(place, damaged, { recursive: true })
  const [backup = ''] = await readdir(join(damaged, lost.id, 'base'))
  const block = join(damaged, lost.id, 'base', backup, '000000')
  const content = await readFile(block)
  content[content.length >> 1]! ^= 1
  await writeFile(block, content)
  await rm(join(damaged, lost.id, 'base', backup, '000001'))
  const { code, stdout } = await lost.howdah('backup', 'inspect', damaged, '--key', key, '--verify')
  expect(code).toBe(1)
  expect(stdout).toMatch(/base\/\S+\/000000 is damaged/)
  expect(stdout).toMatch(/base\/\S+\/000001 is missing/)
})

it('another key opens nothing, and says so', async () => {
  const other = join(lost.folder, 'other.key')
  await writeFile(other, `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 })
  const { code, stdout } = await lost.howdah('backup', 'inspect', place, '--key', other)
  expect(code).toBe(1)
  expect(stdout).toContain('which this installation does not have')
  const refused = await lost.howdah('restore', 'orders', join(lost.folder, 'none'), '--from', place, '--key', other)
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain('There is no archive of "orders"')
  for (const [words, reason] of [[['backup', 'inspect', place], '--key FILE'], [['backup', 'inspect', join(lost.folder, 'not-there'), '--key', key], 'There is no folder']] as const) {
    const { code, stderr } = await lost.howdah(...words)
    expect(code).toBe(2)
    expect(stderr).toContain(reason)
  }
})
