import type { Account } from './layout.ts'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folders } from './folders.ts'
import { endpoints, region } from './layout.ts'

const file = join(folders.state, 'secret')

/** The one secret of this cloud, made when it is first asked for. */
export async function secret(): Promise<string> {
  await mkdir(folders.state, { recursive: true, mode: 0o700 })
  await writeFile(file, randomBytes(20).toString('hex'), { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST')
      throw error
  })
  return await readFile(file, 'utf8')
}

/** What an openrc file would set. */
export async function openrc(account: Account): Promise<Record<string, string>> {
  return {
    OS_AUTH_URL: endpoints.identity,
    OS_IDENTITY_API_VERSION: '3',
    OS_USERNAME: account,
    OS_PROJECT_NAME: account,
    OS_PASSWORD: await secret(),
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    OS_REGION_NAME: region,
  }
}
