import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { bootId } from './boot.ts'
import { hasCode } from './has-code.ts'

/** What a file says of the process that wrote it: the number, and what tells it from a later one with that number. */
export async function markOfThisProcess(): Promise<string> {
  return `${process.pid} ${await beginOf(process.pid)}`
}

/** Undefined when the process of a mark ended, or its number belongs to another one by now. */
export async function livingProcess(mark: string): Promise<number | undefined> {
  const [number, begin] = mark.split(' ')
  const pid = Number(number)
  if (!Number.isInteger(pid) || pid <= 0 || begin === undefined)
    return undefined
  const now = await beginOf(pid)
  return now !== undefined && now === begin ? pid : undefined
}

/**
 * Tells a process from a later one with the same number, as the first process of a container always has. Undefined:
 * there is none, or only its remains.
 */
async function beginOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux')
    return isThere(pid) ? '-' : undefined
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // Behind the name, which may hold anything: state, …, and as the 20th the start in ticks since boot.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : `${fields[19]}@${await bootId() ?? ''}`
  }
  catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH'))
      return undefined
    throw error
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  }
  catch (error) {
    return !hasCode(error, 'ESRCH')
  }
}
