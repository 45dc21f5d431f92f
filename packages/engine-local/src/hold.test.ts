import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { holdDataDirectory } from './hold.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => await folder.remove())

const patient = { deadlineMs: 20_000, waits: () => {} }
const impatient = { deadlineMs: 0, waits: () => {} }

/** Another process that holds the folder until it is killed or told to let go. */
async function otherHolder() {
  const program = `
    import { holdDataDirectory } from ${JSON.stringify(fileURLToPath(new URL('hold.ts', import.meta.url)))}
    const letGo = await holdDataDirectory(${JSON.stringify(folder.path)}, { waits: () => {} })
    console.log('held')
    process.stdin.once('data', async () => { await letGo(); process.exit() })`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

it('engines of one process share a data directory, and the last one gives it back', async () => {
  const first = await holdDataDirectory(folder.path, impatient)
  const second = await holdDataDirectory(folder.path, impatient)
  await first()
  await first()
  await expect(readFile(join(folder.path, 'holder'), 'utf8')).resolves.toContain(String(process.pid))
  await second()
  await expect(readFile(join(folder.path, 'holder'), 'utf8')).rejects.toThrow('ENOENT')
})

it('another process is refused while one holds it, and told which', async () => {
  const child = await otherHolder()
  const waited: number[] = []
  await expect(holdDataDirectory(folder.path, { deadlineMs: 0, waits: holder => waited.push(holder) })).rejects.toThrow(`Process ${child.pid} has this data directory open`)
  expect(waited).toEqual([child.pid])
  child.kill('SIGKILL')
  await once(child, 'exit')
})

it('one that is draining is waited for', async () => {
  const child = await otherHolder()
  const letGo = await holdDataDirectory(folder.path, { ...patient, waits: () => void child.stdin.write('go\n') })
  await letGo()
})

it('one that was killed holds nothing', async () => {
  const child = await otherHolder()
  child.kill('SIGKILL')
  await once(child, 'exit')
  const letGo = await holdDataDirectory(folder.path, impatient)
  await letGo()
})

it.skipIf(process.platform !== 'linux')('a holder whose number belongs to another process by now holds nothing', async () => {
  await writeFile(join(folder.path, 'holder'), `${process.pid} 1@before-this-boot`)
  const letGo = await holdDataDirectory(folder.path, impatient)
  await letGo()
})
