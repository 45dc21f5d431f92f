import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { withFileLock } from './file-lock.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let path: string
beforeEach(async () => {
  folder = await temporaryFolder()
  path = join(folder.path, 'lock')
})
afterEach(async () => await folder.remove())

it('one after the other does its work, and nothing is left', async () => {
  const story: string[] = []
  await Promise.all(['a', 'b', 'c'].map(async name => await withFileLock(path, async () => {
    story.push(`${name} begins`)
    await new Promise(setImmediate)
    story.push(`${name} ends`)
  })))
  expect(story).toHaveLength(6)
  for (let index = 0; index < story.length; index += 2)
    expect(story[index + 1]).toBe(story[index]?.replace('begins', 'ends'))
  expect(await readdir(folder.path)).toEqual([])
})

it('work that fails gives the lock back', async () => {
  await expect(withFileLock(path, async () => await Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await withFileLock(path, async () => await Promise.resolve('yes'))).toBe('yes')
})

it.skipIf(process.platform !== 'linux')('a holder whose number belongs to another process by now, as to each first one of a container, holds nothing', async () => {
  await writeFile(path, `${process.pid} 1@before-this-boot`)
  expect(await withFileLock(path, async () => await Promise.resolve('taken'))).toBe('taken')
})
