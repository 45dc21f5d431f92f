import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import process from 'node:process'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { StillHeld, withFileLock } from './file-lock.ts'
import { markOfThisProcess } from './process-mark.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let path: string
beforeEach(async () => {
  folder = await temporaryFolder()
  path = join(folder.path, 'lock')
})
afterEach(async () => await folder.remove())

/** The greatest id that Linux gives is 4194304. */
const gone = '4194305 1@before-this-boot'

it.for([['nobody held it', undefined], ['its holder has died', gone]] as const)('%s: one after the other does its work, and nothing is left', async ([, holder]) => {
  if (holder !== undefined)
    await writeFile(path, holder)
  const story: string[] = []
  await Promise.all(Array.from({ length: 20 }, async (_, name) => await withFileLock(path, async () => {
    story.push(`${name} begins`)
    await new Promise(setImmediate)
    story.push(`${name} ends`)
  })))
  expect(story).toHaveLength(40)
  for (let index = 0; index < story.length; index += 2)
    expect(story[index + 1]).toBe(story[index]?.replace('begins', 'ends'))
  expect(await readdir(folder.path)).toEqual([])
})

it('work that fails gives the lock back', async () => {
  await expect(withFileLock(path, async () => await Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await withFileLock(path, async () => await Promise.resolve('yes'))).toBe('yes')
})

it('one that is held is never taken, however long it is waited for: whoever waits is told who has it', async () => {
  const mark = await markOfThisProcess()
  await writeFile(path, mark)
  await expect(withFileLock(path, async () => await Promise.resolve(), 50)).rejects.toMatchObject({ holder: process.pid })
  await expect(withFileLock(path, async () => await Promise.resolve(), 50)).rejects.toThrow(StillHeld)
  expect(await readFile(path, 'utf8')).toBe(mark)
  expect(await readdir(folder.path)).toEqual(['lock'])
})

it.skipIf(process.platform !== 'linux')('a holder whose number belongs to another process by now, as to each first one of a container, holds nothing', async () => {
  await writeFile(path, `${process.pid} 1@before-this-boot`)
  expect(await withFileLock(path, async () => await Promise.resolve('taken'))).toBe('taken')
})

/** Who holds this takes over from that dead holder. */
const heirOf = (dead: string): string => `${path}.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`

it.skipIf(process.platform !== 'linux')('who saw that the holder died takes nothing from another one who was faster', async () => {
  const dead = `${process.pid} 1@before-this-boot`
  await writeFile(path, dead)
  await writeFile(heirOf(dead), await markOfThisProcess())
  const story: string[] = []
  const waiting = withFileLock(path, async () => await Promise.resolve(story.push('the other one has it')))
  await until(async () => (await readdir(folder.path)).some(name => name.startsWith(`${basename(heirOf(dead))}.`)), { deadlineMs: 10_000, what: 'it wants to take over' })
  // This one was faster.
  await rename(heirOf(dead), path)
  await until(async () => !(await readdir(folder.path)).some(name => name.startsWith(basename(heirOf(dead)))), { deadlineMs: 10_000, what: 'it sees that it was too late' })
  story.push('this one has it')
  await rm(path)
  await waiting
  expect(story).toEqual(['this one has it', 'the other one has it'])
  expect(await readdir(folder.path)).toEqual([])
})

it.skipIf(process.platform !== 'linux')('one who died while it took over keeps nobody from it', async () => {
  const [dead, heir] = [`${process.pid} 1@before-this-boot`, `${process.pid} 2@before-this-boot`]
  await writeFile(path, dead)
  await writeFile(heirOf(dead), heir)
  expect(await withFileLock(path, async () => await Promise.resolve('taken'))).toBe('taken')
  expect(await readdir(folder.path)).toEqual([])
})
