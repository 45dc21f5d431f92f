import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { caFiles } from './ca-files.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let umask: number
beforeEach(async () => {
  folder = await temporaryFolder()
  umask = process.umask(0o077)
})
afterEach(async () => {
  process.umask(umask)
  await folder.remove()
})

it('everybody on this machine can read the file, whatever our umask', () => {
  const path = caFiles(folder.path)('local', 'the authority')
  expect(readFileSync(path, 'utf8')).toBe('the authority')
  expect(statSync(path).mode & 0o777).toBe(0o644)
  expect(statSync(join(folder.path, 'ca')).mode & 0o777).toBe(0o755)
})

it('a new authority has a new file, and the old one stays for who still uses it', () => {
  const files = caFiles(folder.path)
  const old = files('local', 'one')
  expect(files('local', 'two')).not.toBe(old)
  expect(files('local', 'one')).toBe(old)
  expect(readFileSync(old, 'utf8')).toBe('one')
})

it('several processes give the same path and leave nothing beside it', () => {
  const paths = [caFiles(folder.path), caFiles(folder.path)].map(files => files('local', 'one'))
  expect(paths[0]).toBe(paths[1])
  expect(readdirSync(join(folder.path, 'ca'))).toHaveLength(1)
})
