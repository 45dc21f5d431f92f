import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command } from '../../../tools/command.ts'
import { exists } from '../../../tools/exists.ts'
import { folders } from '../folders.ts'

const source = fileURLToPath(new URL('pause.c', import.meta.url))

/** Path of the program that holds the namespaces of a pod, and of a machine of the bed. */
export async function pausePath(): Promise<string> {
  const path = join(folders.programs, 'pause')
  if (!await exists(path)) {
    await mkdir(folders.programs, { recursive: true })
    await command('gcc', ['-static', '-Os', '-s', '-o', path, source])
  }
  return path
}
