import type { Steps } from './steps.ts'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { succeeds } from '../../tools/command.ts'
import { infraPython } from '../../tools/needs/python.ts'
import { root } from '../../tools/root.ts'
import { pauseImage } from '../cluster/build/images.ts'
import { programPath } from '../cluster/build/programs.ts'
import { versions } from '../cluster/versions.ts'
import { inventory } from './apply.ts'
import { nodePrograms } from './build/programs.ts'
import { folders } from './folders.ts'
import { commandOnNetwork, loggedOnNetwork } from './machine.ts'
import { privateKey } from './terraform.ts'

const kubeconfig = join(folders.kubernetes, 'kubeconfig')

const ansibleHome = join(folders.state, 'ansible')
const connections = join(ansibleHome, 'connections')

/** Where `snapshot.yml` puts what it fetched. */
export const snapshots = join(folders.kubernetes, 'snapshots')

/** infra/kubernetes on the nodes that `apply` made. */
export async function kubernetes({ step }: Pick<Steps, 'step'>): Promise<void> {
  await step('ansible-playbook cluster.yml', async () => await playbook('cluster.yml'))
  console.log(await kubectl('get', 'nodes', '--output=wide'))
}

/** Run a playbook of infra/kubernetes. Answers what it wrote. */
export async function playbook(file: string, ...more: string[]): Promise<string> {
  const variables = {
    ansible_ssh_private_key_file: privateKey,
    binaries_folder: await nodePrograms(),
    pause_image: pauseImage,
    kubernetes_version: versions.kubernetes,
    etcd_version: versions.etcd,
    coredns_version: versions.coredns,
    etcd_fsync: false,
  }
  try {
    const { output } = await loggedOnNetwork(`ansible-${file.replace('.yml', '')}`, ['ansible-playbook', '--inventory', inventory, '--extra-vars', JSON.stringify(variables), file, ...more], {
      cwd: join(root, 'infra/kubernetes'),
      env: {
        PATH: `${await infraPython()}:${process.env.PATH}`,
        ANSIBLE_HOME: ansibleHome,
        // The output has no times.
        ANSIBLE_LOG_PATH: join(folders.logs, 'ansible-times.log'),
        ANSIBLE_SSH_ARGS: `-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${join(folders.state, 'known_hosts')}`,
        ANSIBLE_SSH_CONTROL_PATH_DIR: connections,
      },
    })
    return output
  }
  finally {
    await closeConnections()
  }
}

/** ssh keeps them open for the next playbook, and would also when the cloud is down. */
async function closeConnections(): Promise<void> {
  for (const name of await readdir(connections).catch(() => []))
    await succeeds('ssh', ['-O', 'exit', '-o', `ControlPath=${join(connections, name)}`, 'node'])
}

/** kubectl as the administrator of the cluster on the cloud. */
export async function kubectl(...words: string[]): Promise<string> {
  return await kubectlReading('', ...words)
}

/** The same with something on its standard input. */
export async function kubectlReading(input: string, ...words: string[]): Promise<string> {
  return await commandOnNetwork([await programPath('kubectl'), '--kubeconfig', kubeconfig, ...words], { input })
}
