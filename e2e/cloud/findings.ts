import type { Finding } from '../../infra/openstack/validate/finding.ts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folders } from '../../testbed/cloud/folders.ts'
import { validate } from '../../testbed/cloud/validate.ts'

/** What `validate` says of the cloud, and its exit code. */
export async function findingsOf(...options: string[]): Promise<{ readonly code: number, readonly findings: readonly Finding[] }> {
  const file = join(folders.state, 'report.json')
  const code = await validate('--report', file, ...options)
  const { findings } = JSON.parse(await readFile(file, 'utf8')) as { findings: Finding[] } // as validate/report.ts writes it
  return { code, findings }
}

/** What fails, without having made anything. */
export async function failures(): Promise<readonly Finding[]> {
  const { findings } = await findingsOf('--look-only')
  return findings.filter(({ outcome }) => outcome === 'failed')
}
