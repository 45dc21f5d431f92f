import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Tell ext4 that what lies in the folders inside is not related, so that each begins in a group of its own. In the group
 * of its siblings a new file passes over every inode that was deleted there in the last minutes: after a few deletes the
 * thousand files of a database took ten times as long. Other file systems have no such groups, and need no hint.
 */
export async function spreadFolders(folder: string): Promise<void> {
  if (process.platform !== 'linux')
    return
  try {
    await run('chattr', ['+T', folder])
  }
  catch {
    // Not ext4, or a system without e2fsprogs.
  }
}
