import { createHash, randomBytes } from 'node:crypto'
import { link, rename, rm, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { hasCode } from './has-code.ts'
import { livingProcess, markOfThisProcess } from './process-mark.ts'
import { readIfThere } from './read-if-there.ts'

/** A process that lives has the lock, and does not give it back. */
export class StillHeld extends Error {
  override readonly name = 'StillHeld'
  readonly holder: number

  constructor(path: string, holder: number) {
    super(`Process ${holder} holds ${path} and does not give it back.`)
    this.holder = holder
  }
}

/**
 * Run `work` while no other process of this machine holds the lock at `path`. A lock whose holder died is taken over; one that is held is waited
 * for, and never taken. Not for work that may wait for another holder of the same lock. `withinMs`: then whoever waits gets `StillHeld`; 90 s.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, withinMs = 90_000): Promise<T> {
  const deadline = performance.now() + withinMs
  const mine = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  await writeFile(mine, await markOfThisProcess(), { mode: 0o600 })
  try {
    while (!await taken(mine, path) && !await takenFromDead(mine, path)) {
      const holder = performance.now() > deadline ? await livingProcess(await readIfThere(path) ?? '') : undefined
      if (holder !== undefined)
        throw new StillHeld(path, holder)
      await delay(10)
    }
    try {
      return await work()
    }
    finally {
      await rm(path, { force: true })
    }
  }
  finally {
    await rm(mine, { force: true })
  }
}

/**
 * Take a lock that stands and whose holder has died, by putting the file of this process in its place. Of all who see that it is dead only one at a time
 * may: whoever removes a lock may else remove that of who was faster. False: it is held, or gone.
 */
export async function takenFromDead(mine: string, path: string): Promise<boolean> {
  const holder = await readIfThere(path)
  if (holder === undefined || await livingProcess(holder) !== undefined)
    return false
  // Whoever dies with this lock leaves one that is dead itself.
  const heir = `${path}.${createHash('sha256').update(holder).digest('hex').slice(0, 16)}`
  return await withFileLock(heir, async () => {
    if (await readIfThere(path) !== holder)
      return false
    await rename(mine, path)
    return true
  })
}

/** A hard link appears with its content or not at all, so a lock never stands without its holder. */
export async function taken(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path)
    return true
  }
  catch (error) {
    if (hasCode(error, 'EEXIST'))
      return false
    throw error
  }
}
