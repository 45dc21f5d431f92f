import { Buffer } from 'node:buffer'
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Archive } from '../archive/archive.ts'
import { folderStore } from '../archive/folder-store.ts'
import { aheadCommand, bringAhead, removeAhead } from './wal-ahead.ts'

const run = promisify(execFile)

describe('the first WAL of a restore', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let archive: Archive
  let data: string
  let instance: string
  beforeEach(async () => {
    folder = await temporaryFolder()
    archive = new Archive('a', folderStore(join(folder.path, 'store')), [{ id: '0011223344556677', secret: Buffer.alloc(32, 1) }])
    instance = join(folder.path, 'instance')
    data = join(instance, 'data')
    await mkdir(data, { recursive: true })
    // Stands for the program that brings what does not lie ready.
    await writeFile(join(instance, 'restore.sh'), 'echo "brought $1" > "$2"\n')
    for (const name of ['000000020000000000000004', '000000020000000000000005', '000000020000000000000007', '00000002.history'])
      await archive.put(`wal/${name}`, Buffer.from(`ready ${name}`), new Date())
  })
  afterEach(async () => await folder.remove())

  const bring = async (): Promise<void> => await bringAhead(archive, { startLsn: '0/4000028', timeline: 2 }, instance, undefined)

  /** What PostgreSQL gets when it asks for a file; undefined when it is told that there is none. */
  async function asked(name: string): Promise<string | undefined> {
    const [shell = '', ...words] = aheadCommand.replace('%f', name).replace('%p', 'RECOVERYXLOG').split(' ')
    try {
      await run(shell, words, { cwd: data })
    }
    catch (error) {
      expect(error).toMatchObject({ code: 1 })
      return undefined
    }
    return (await readFile(join(data, 'RECOVERYXLOG'), 'utf8')).trim()
  }

  it('lies ready, up to the first that is missing; the rest is brought when it is asked for', async () => {
    await bring()
    expect(await asked('000000020000000000000004')).toBe('ready 000000020000000000000004')
    expect(await asked('000000020000000000000005')).toBe('ready 000000020000000000000005')
    expect(await asked('000000020000000000000006')).toBe('brought 000000020000000000000006')
    expect(await asked('000000020000000000000007')).toBe('brought 000000020000000000000007')
    // It is given once.
    expect(await asked('000000020000000000000004')).toBe('brought 000000020000000000000004')
  })

  it('is asked for no history that is not in the archive, and for every one that is', async () => {
    await bring()
    expect(await asked('00000003.history')).toBeUndefined()
    expect(await asked('00000002.history')).toBe('brought 00000002.history')
  })

  it('is left to whoever asks for it where it is damaged', async () => {
    await truncate(join(folder.path, 'store', 'a', 'wal', '000000020000000000000005'), 60)
    await bring()
    expect(await asked('000000020000000000000004')).toBe('ready 000000020000000000000004')
    expect(await asked('000000020000000000000005')).toBe('brought 000000020000000000000005')
  })

  it('leaves nothing beside the data', async () => {
    await bring()
    await removeAhead(instance)
    expect((await readdir(instance)).sort()).toEqual(['data', 'restore.sh'])
  })
})
