import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readAt } from './logs.ts'

/** The program says one line for each attempt. */
const tailBytes = 16 * 1024

/**
 * Why the archive did not take a file, as the program that archives said it last. PostgreSQL writes what its children say
 * beside its log, into a file of plain text. Undefined when nothing is found.
 */
export async function archiveComplaint(logFolder: string, wal: string): Promise<string | undefined> {
  const newest = (await readdir(logFolder)).filter(name => /^postgresql-.*\.log$/.test(name)).sort().at(-1)
  if (newest === undefined)
    return undefined
  const file = await open(join(logFolder, newest), 'r')
  try {
    const { size } = await file.stat()
    const tail = (await readAt(file, Math.max(0, size - tailBytes), tailBytes)).toString()
    const start = `howdah: ${wal}: `
    return tail.split('\n').findLast(line => line.startsWith(start))?.slice(start.length)
  }
  finally {
    await file.close()
  }
}
