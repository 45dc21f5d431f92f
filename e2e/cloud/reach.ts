import { join } from 'node:path'
import { folders } from '../../testbed/cloud/folders.ts'
import { images } from '../../testbed/cloud/layout.ts'
import { commandOnNetwork } from '../../testbed/cloud/machine.ts'
import { privateKey, terraformOutput } from '../../testbed/cloud/terraform.ts'

/** Whether somebody outside gets a connection to a port, within five seconds. */
export async function accepts(address: string, port: number): Promise<boolean> {
  return await commandOnNetwork(['timeout', '5', 'bash', '-c', 'exec 3<>"/dev/tcp/$0/$1"', address, String(port)]).then(() => true, () => false)
}

/** Run a command on a node as its administrator. */
export async function ssh(address: string, ...words: string[]): Promise<string> {
  const options = ['BatchMode=yes', 'ConnectTimeout=10', 'StrictHostKeyChecking=no', `UserKnownHostsFile=${join(folders.state, 'known_hosts')}`, 'LogLevel=ERROR']
  return await commandOnNetwork(['ssh', '-i', privateKey, ...options.flatMap(option => ['-o', option]), `${images.node.user}@${address}`, ...words])
}

/** Serial number of the certificate that a program of a node shows. */
export async function serialShown(address: string, port: number): Promise<string> {
  return (await ssh(address, `openssl s_client -connect 127.0.0.1:${port} </dev/null 2>&1 | openssl x509 -noout -serial`)).trim()
}

/** Node → its floating IP. */
export async function floatingIps(): Promise<Readonly<Record<string, string>>> {
  return JSON.parse(await terraformOutput('floating_ips')) as Record<string, string> // as outputs.tf says
}
