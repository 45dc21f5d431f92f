import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { realpath } from 'node:fs/promises'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterEach, expect, it, vi } from 'vitest'
import { killLeftovers } from './process.ts'

afterEach(() => vi.restoreAllMocks())

it('what is left of a data folder is killed, also where the machine is so busy that the look for it took longer than a kill may', async () => {
  const folder = await temporaryFolder()
  const child = spawn('sleep', ['600'], { cwd: await realpath(folder.path), stdio: 'ignore' })
  await once(child, 'spawn')
  let now = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => now += 60_000)
  try {
    await killLeftovers(await realpath(folder.path))
    vi.restoreAllMocks()
    expect(await until(() => child.signalCode, { deadlineMs: 10_000, what: 'it is killed' })).toBe('SIGKILL')
  }
  finally {
    child.kill('SIGKILL')
    await folder.remove()
  }
})
