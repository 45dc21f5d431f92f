import type { Account } from './account.ts'
import { createHash, randomBytes } from 'node:crypto'
import { chmod, constants, copyFile, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { hasCode, readIfThere } from '@howdah/machine'
import { makeFolder } from './files.ts'

/** What runs beside the data: to archive and to restore, or as gateway. */
export interface CopiedProgram {
  /** Node, where the servers' account can run it. */
  readonly node: string
  readonly main: string
  /** Where Node keeps what it compiled, which halves the time of a start. */
  readonly cache: string
}

/**
 * Bring a program of this folder and the Node that runs it into the data directory: `npm ci` deletes node_modules under running
 * servers, and their account may not be able to enter it. Each content has a folder of its own, so servers that were
 * started by an earlier release keep theirs.
 */
export async function installProgram(dataDir: string, account: Account | undefined, folder: 'archive' | 'gateway'): Promise<CopiedProgram> {
  const files = await programFiles(folder)
  const main = files.some(([name]) => name === 'main.js') ? 'main.js' : 'main.ts'
  const hash = createHash('sha256').update(process.version)
  for (const [name, text] of files)
    hash.update(name).update(text)
  const target = join(dataDir, folder === 'archive' ? 'archiver' : folder, hash.digest('hex').slice(0, 16))
  const program = { node: join(target, 'node'), main: join(target, main), cache: join(target, 'cache') }
  if (await readIfThere(program.main) !== undefined)
    return program
  const temporary = `${target}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  await mkdir(temporary, { recursive: true, mode: 0o755 })
  await makeFolder(join(temporary, 'cache'), 0o700, account)
  await bringNode(join(temporary, 'node'))
  await writeFile(join(temporary, 'package.json'), '{ "type": "module" }\n')
  for (const [name, text] of files) {
    await mkdir(dirname(join(temporary, name)), { recursive: true, mode: 0o755 })
    await writeFile(join(temporary, name), text, { mode: 0o644 })
  }
  try {
    await rename(temporary, target)
  }
  catch (error) {
    // Another process was faster; what it installed is the same.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST'))
      throw error
    await rm(temporary, { recursive: true, force: true })
  }
  return program
}

async function programFiles(name: string): Promise<[name: string, text: string][]> {
  const folder = fileURLToPath(new URL(`${name}/`, import.meta.url))
  const names = (await readdir(folder)).filter(name => /\.[jt]s$/.test(name) && !name.endsWith('.test.ts')).sort()
  const own = await Promise.all(names.map(async (name): Promise<[string, string]> => [name, await readFile(join(folder, name), 'utf8')]))
  return names.includes('main.js') || name !== 'archive' ? own : [...own, ...await signerFiles()]
}

/** The one package that archiving needs is inside the program when it was built, and else has to come with it. */
async function signerFiles(): Promise<[name: string, text: string][]> {
  const module = fileURLToPath(import.meta.resolve('aws4fetch'))
  const place = join('node_modules', 'aws4fetch')
  return [
    [join(place, 'package.json'), '{ "name": "aws4fetch", "type": "module", "exports": "./index.js" }\n'],
    [join(place, 'index.js'), await readFile(module, 'utf8')],
  ]
}

/** A hard link costs neither time nor space; where it is not possible, or others may not run the file, copy. */
async function bringNode(target: string): Promise<void> {
  try {
    await link(process.execPath, target)
    return
  }
  catch (error) {
    if (!hasCode(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP'))
      throw error
  }
  await copyFile(process.execPath, target, constants.COPYFILE_FICLONE)
  await chmod(target, 0o755)
}
