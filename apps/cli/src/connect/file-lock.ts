import { readFile, rm, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { hasCode } from '../has-code.ts'

const patienceMs = 10_000

/** Run `work` while no other process holds the lock at `path`. A lock whose holder died is taken over. */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs
  while (!await taken(path)) {
    if (performance.now() > deadline || !await isHeld(path))
      await rm(path, { force: true })
    else
      await delay(10)
  }
  try {
    return await work()
  }
  finally {
    await rm(path, { force: true })
  }
}

async function taken(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 })
    return true
  }
  catch (error) {
    if (hasCode(error, 'EEXIST'))
      return false
    throw error
  }
}

async function isHeld(path: string): Promise<boolean> {
  try {
    const pid = Number(await readFile(path, 'utf8'))
    // Empty: its holder is about to write its id.
    if (pid > 0)
      process.kill(pid, 0)
    return true
  }
  catch (error) {
    return !hasCode(error, 'ESRCH')
  }
}
