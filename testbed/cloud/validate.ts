import { join } from 'node:path'
import process from 'node:process'
import { root } from '../../tools/root.ts'
import { openrc } from './account.ts'
import { images } from './layout.ts'
import { onNetwork, pathInside } from './machine.ts'

/** infra/openstack/validate on the cloud, as its administrator. Answers the exit code. */
export async function validate(...more: string[]): Promise<number> {
  const words = ['--image', images.nano.name, '--flavor', 'm1.nano', '--user', images.nano.user]
  return await onNetwork([process.execPath, join(root, 'infra/openstack/validate/main.ts'), ...words, ...more], { env: await openrc('admin') })
}

/** Where its services write, for `--logs`. */
export async function serviceLogs(): Promise<string> {
  return await pathInside('/var/log')
}
