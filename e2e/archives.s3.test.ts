/** The same with archives in a bucket, which outlives the machine by itself: the address, the access key and the key are all that is needed. */
import type { S3Server } from '../packages/engine-local/src/testing/s3-server.ts'
import type { LostInstallation, RestoredFolder } from './lost-installation.ts'
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { s3Server } from '../packages/engine-local/src/testing/s3-server.ts'
import { ledgerOf, lostInstallation } from './lost-installation.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let bucket: S3Server
let lost: LostInstallation
let credentials: string
/** What every command here ends with. */
let access: readonly string[]

async function accessKey(name: string, secret: string): Promise<string> {
  const file = join(folder.path, name)
  await writeFile(file, `aws_access_key_id = ${bucket.settings.accessKeyId}\naws_secret_access_key = ${secret}\n`, { mode: 0o600 })
  return file
}

beforeAll(async () => {
  folder = await temporaryFolder()
  bucket = await s3Server(folder.path)
  credentials = await accessKey('access-key', bucket.settings.secretAccessKey)
  lost = await lostInstallation({ HOWDAH_BACKUP_URL: bucket.options.url, HOWDAH_BACKUP_CREDENTIALS: credentials })
  access = ['--credentials', credentials, '--key', lost.key]
})
afterAll(async () => {
  await lost?.remove()
  await bucket?.stop()
  await folder.remove()
})

it('inspect reads and verifies what a lost machine left in the bucket', async () => {
  const { code, stdout, stderr } = await lost.howdah('backup', 'inspect', bucket.options.url, ...access, '--verify', '-o', 'json')
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject([{ id: lost.id, name: 'orders', backups: [{ proof: null }], points: [{ name: 'the-end' }], problems: [] }])
})

it('restore makes a data folder out of the bucket, at a moment and at the latest', async () => {
  for (const [target, rows] of [[['--point', 'the-end'], 1500], [[], 1501]] as const) {
    const { code, stdout, stderr } = await lost.howdah('restore', 'orders', join(lost.folder, `rows-${rows}`), '--from', bucket.options.url, ...access, ...target, '-o', 'json')
    expect(code, stderr).toBe(0)
    expect(await ledgerOf(JSON.parse(stdout) as RestoredFolder)).toEqual({ rows, last: rows })
  }
})

it('a wrong access key, none, and a bucket that is away are each told, and the secret is in none of it', async () => {
  const wrong = await accessKey('wrong-access-key', 'not-the-secret')
  const refused = await lost.howdah('backup', 'inspect', bucket.options.url, '--credentials', wrong, '--key', lost.key)
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain('SignatureDoesNotMatch')
  expect(refused.stderr).not.toContain('not-the-secret')
  const without = await lost.howdah('backup', 'inspect', bucket.options.url, '--key', lost.key)
  expect(without.code).toBe(2)
  expect(without.stderr).toContain('--credentials')
  const missing = await lost.howdah('backup', 'inspect', bucket.options.url.replace('archives', 'no-such-bucket'), ...access)
  expect(missing.code).not.toBe(0)
  expect(missing.stderr).toContain('no-such-bucket')
})

it('what was cut off or lost in the bucket is named by verify', async () => {
  const base = join(bucket.folder, lost.id, 'base')
  const [backup = ''] = await readdir(base)
  const block = join(base, backup, '000000')
  await truncate(block, (await readFile(block)).length >> 1)
  await rm(join(base, backup, '000001'))
  const { code, stdout } = await lost.howdah('backup', 'inspect', bucket.options.url, ...access, '--verify')
  expect(code).toBe(1)
  expect(stdout).toMatch(/base\/\S+\/000000 is/)
  expect(stdout).toMatch(/base\/\S+\/000001 is missing/)
})
