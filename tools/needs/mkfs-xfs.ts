import { aptInstall } from './apt.ts'
import { findProgram } from './find-program.ts'
import { Missing } from './missing.ts'

const folders = ['/usr/sbin', '/sbin']

/** Path of mkfs.xfs. */
export async function mkfsXfs(): Promise<string> {
  const path = await findProgram('mkfs.xfs', folders)
    ?? (await aptInstall('xfsprogs')
      ? await findProgram('mkfs.xfs', folders)
      : undefined)
  if (!path)
    throw new Missing('mkfs.xfs is missing; install the programs of XFS (Debian: apt-get install xfsprogs)')
  return path
}
