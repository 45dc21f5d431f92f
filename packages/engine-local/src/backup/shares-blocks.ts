import { constants, copyFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { hasCode } from '@howdah/machine'

/** Whether copies of files share their blocks here: in a folder where what begins and ends so is swept. */
export async function sharesBlocks(folder: string): Promise<boolean> {
  const [from, to] = [join(folder, `probe.${process.pid}.tmp`), join(folder, `probe-copy.${process.pid}.tmp`)]
  try {
    await writeFile(from, 'howdah')
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE)
    return true
  }
  catch (error) {
    if (hasCode(error, 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'ENOSYS', 'EINVAL', 'ENOTTY'))
      return false
    throw error
  }
  finally {
    await Promise.all([from, to].map(async path => await rm(path, { force: true })))
  }
}
