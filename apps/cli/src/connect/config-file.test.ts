import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { markOfThisProcess } from '@howdah/machine'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { updateConfig } from './config-file.ts'
import { SignInInUse } from './sign-in-in-use.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => await folder.remove())

it('whoever waits for another command that does not end is told which it is, and changes nothing', async () => {
  const path = join(folder.path, 'config.json')
  await writeFile(`${path}.lock`, await markOfThisProcess())
  const change = updateConfig(path, async current => await Promise.resolve({ ...current, current: 'http://other' }), 50)
  await expect(change).rejects.toThrow(SignInInUse)
  await expect(change).rejects.toThrow(`Process ${process.pid}, another howdah command,`)
  expect(await readdir(folder.path)).toEqual(['config.json.lock'])
})
