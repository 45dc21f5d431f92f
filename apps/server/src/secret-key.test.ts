import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSecretBox } from './domain/sealed.ts'
import { readSecretKeys } from './secret-key.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => await folder.remove())
const path = () => join(folder.path, 'secret.key')

it('a key is made once and is readable by its owner only', async () => {
  const keys = await readSecretKeys(folder.path)
  expect(keys).toHaveLength(1)
  expect(() => createSecretBox(keys)).not.toThrow()
  expect(statSync(path()).mode & 0o777).toBe(0o600)
  expect(await readSecretKeys(folder.path)).toEqual(keys)
})

it('processes that start at the same time agree on one key and leave no drafts', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => readSecretKeys(folder.path)))
  expect(new Set(all.flat()).size).toBe(1)
  expect(readdirSync(folder.path)).toEqual(['secret.key'])
})

it('several lines are several keys, the newest first', async () => {
  const [key] = await readSecretKeys(folder.path)
  const fresh = 'A'.repeat(43)
  writeFileSync(path(), `${fresh}=\n\n${key}\n`)
  expect(await readSecretKeys(folder.path)).toEqual([`${fresh}=`, key])
})

it('a file that others can read is refused with the command that mends it', async () => {
  await readSecretKeys(folder.path)
  chmodSync(path(), 0o640)
  await expect(readSecretKeys(folder.path)).rejects.toThrow(/chmod 600/)
})

it.each(['', 'short', `${'A'.repeat(44)}`])('a file that holds %j is refused, and never replaced', async (content) => {
  writeFileSync(path(), content, { mode: 0o600 })
  await expect(readSecretKeys(folder.path)).rejects.toThrow(/from a backup/)
  await expect(readSecretKeys(folder.path)).rejects.not.toThrow(content || 'impossible')
})
