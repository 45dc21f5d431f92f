import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { livingProcess, markOfThisProcess, readIfThere, taken, takenFromDead } from '@howdah/machine'
import { makeFolder } from './files.ts'

/** A program that drains gives its data directory back within 20 s. */
export const holdWithinMs = 25_000
const lookEveryMs = 50

/** What this process holds, and how often: engine objects of one process share the data directory. */
const holds = new Map<string, number>()

/**
 * Keep a data directory to this process: two programs that supervise the same servers would start what the other one
 * stops. Waits for another holder to end, then refuses; one that died is no holder. Resolves to how to let go.
 */
export async function holdDataDirectory(dataDir: string, options: { deadlineMs?: number, waits: (holder: number) => void }): Promise<() => Promise<void>> {
  await makeFolder(dataDir, 0o755)
  const path = join(dataDir, 'holder')
  if (!holds.has(path))
    await take(path, options)
  holds.set(path, (holds.get(path) ?? 0) + 1)
  let isHeld = true
  return async () => {
    if (!isHeld)
      return
    isHeld = false
    const others = (holds.get(path) ?? 1) - 1
    if (others > 0) {
      holds.set(path, others)
      return
    }
    holds.delete(path)
    await rm(path, { force: true })
  }
}

async function take(path: string, { deadlineMs = holdWithinMs, waits }: { deadlineMs?: number, waits: (holder: number) => void }): Promise<void> {
  const mine = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(mine, await markOfThisProcess(), { mode: 0o644, flag: 'wx' })
  try {
    const deadline = performance.now() + deadlineMs
    let told = false
    while (!await taken(mine, path) && !await takenFromDead(mine, path)) {
      const holder = await livingProcess(await readIfThere(path) ?? '')
      if (holder === undefined)
        continue
      if (!told)
        waits(holder)
      told = true
      if (performance.now() > deadline)
        throw new EngineError('unavailable', `Process ${holder} has this data directory open. Stop it, or give this one a data directory of its own.`)
      await delay(lookEveryMs)
    }
  }
  finally {
    await rm(mine, { force: true })
  }
}
