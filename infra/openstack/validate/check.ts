import type { Cloud } from './cloud.ts'
import type { Finding } from './finding.ts'
import { ApiError } from './cloud.ts'

/** What to use for the journey, and where logs are. Each has a default or is looked for. */
export interface Options {
  readonly image?: string
  readonly flavor?: string
  readonly external?: string
  /** Account of the image that the key is for. */
  readonly user: string
  /** Folder with a folder or a file per service, on the machine that this runs on. */
  readonly logs?: string
  /** How long a server may take to be reached, in seconds. */
  readonly patience: number
}

export interface Check {
  readonly name: string
  /** The service that is asked; a failure to answer is its failure. */
  readonly service: string
  run: (cloud: Cloud, options: Options) => Promise<readonly Finding[]>
}

/** Where each service writes, and what to look at first, on an installation from packages and from DevStack. */
const logs: Readonly<Record<string, string>> = {
  'identity': '/var/log/keystone/keystone.log or `journalctl -u devstack@keystone`',
  'image': '/var/log/glance/glance-api.log or `journalctl -u devstack@g-api`',
  'compute': '/var/log/nova/nova-compute.log or `journalctl -u devstack@n-cpu`',
  'network': '/var/log/neutron/neutron-server.log or `journalctl -u devstack@q-svc`',
  'placement': '/var/log/placement/placement-api.log or `journalctl -u devstack@placement-api`',
  'block-storage': '/var/log/cinder/cinder-volume.log or `journalctl -u devstack@c-vol`',
}

function logOf(service: string): string {
  return logs[service] ?? `the log of ${service}`
}

export function passed(check: Pick<Check, 'name' | 'service'>, detail: string): Finding {
  return { outcome: 'passed', check: check.name, service: check.service, detail }
}

export function skipped(check: Pick<Check, 'name' | 'service'>, detail: string): Finding {
  return { outcome: 'skipped', check: check.name, service: check.service, detail }
}

export function failed(check: Pick<Check, 'name' | 'service'>, detail: string, next: string, log = logOf(check.service)): Finding {
  return { outcome: 'failed', check: check.name, service: check.service, detail, log, next }
}

/** Run one; a service that refuses or does not answer is a finding too, and no reason to stop looking. */
export async function runCheck(check: Check, cloud: Cloud, options: Options): Promise<readonly Finding[]> {
  try {
    return await check.run(cloud, options)
  }
  catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof ApiError && error.status === 403)
      return [skipped(check, 'only an administrator may ask; run it with an account that has the role admin')]
    return [failed(check, message, `ask the service by hand: \`openstack --debug catalog show ${check.service}\`, then read its log`)]
  }
}
