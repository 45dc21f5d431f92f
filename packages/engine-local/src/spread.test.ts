import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@howdah/testkit'
import { expect, it } from 'vitest'
import { spreadFolders } from './spread.ts'

const run = promisify(execFile)

it('folders inside are spread where the file system knows how', async () => {
  const folder = await temporaryFolder()
  try {
    await spreadFolders(folder.path)
    const { stdout: fileSystem } = await run('stat', ['--file-system', '--format=%T', folder.path])
    // `lsattr` fails where there are no such attributes.
    const attributes = await run('lsattr', ['-d', folder.path]).then(({ stdout }) => stdout.split(' ')[0]!, () => '')
    expect(attributes.includes('T')).toBe(fileSystem.trim() === 'ext2/ext3')
  }
  finally {
    await folder.remove()
  }
})

it('a folder that cannot be marked is used as it is', async () => {
  const folder = await temporaryFolder()
  try {
    await expect(spreadFolders(join(folder.path, 'not there'))).resolves.toBeUndefined()
  }
  finally {
    await folder.remove()
  }
})
