import type { Job } from '../backup/job.ts'
import type { Installation } from '../installation.ts'
import type { Copied } from './copy-cluster.ts'
import type { PrivatePlace } from './private-server.ts'
import type { NewMajor } from './target.ts'
import { randomBytes } from 'node:crypto'
import { databasePaths } from '../paths.ts'
import { socketFolderOf } from '../places.ts'
import { copyCluster, handName } from './copy-cluster.ts'
import { openPrivately } from './private-server.ts'

/** Nothing of it counts before it is whole; then it is brought to the disk at once. */
const whileLoading = { fsync: 'off', full_page_writes: 'off', archive_mode: 'off', max_wal_size: '4GB', shared_buffers: '256MB', checkpoint_timeout: '1h' }

/** Open both servers to us alone, and bring everything over. Both are stopped in order afterwards, whatever came of it. */
export async function copyInto(installation: Installation, root: string, next: NewMajor, source: PrivatePlace, owner: string, job: Job<unknown>): Promise<Copied> {
  const hand = { user: handName, password: randomBytes(32).toString('base64url') }
  const from = await openPrivately(source)
  try {
    const to = await openPrivately({
      installation,
      binaries: next.binaries,
      paths: databasePaths(root),
      socketFolder: await socketFolderOf(installation, root),
      superuserPassword: next.template.superuserPassword,
      roles: [handName],
      settings: whileLoading,
    })
    try {
      return await copyCluster({ from, to, hand, owner, catalogue: next.template.catalogue }, job)
    }
    finally {
      await to.stop()
    }
  }
  finally {
    await from.stop()
  }
}
