import type { Steps } from './steps.ts'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { command } from '../../tools/command.ts'
import { infraPython } from '../../tools/needs/python.ts'
import { root } from '../../tools/root.ts'
import { pauseImage } from '../cluster/build/images.ts'
import { programPath } from '../cluster/build/programs.ts'
import { versions } from '../cluster/versions.ts'
import { inventory } from './apply.ts'
import { nodePrograms } from './build/programs.ts'
import { folders } from './folders.ts'
import { commandOnNetwork, loggedOnNetwork } from './machine.ts'
import { playTimes, slowestTasks } from './plays.ts'
import { privateKey } from './terraform.ts'

const kubeconfig = join(folders.kubernetes, 'kubeconfig')

const ansibleHome = join(folders.state, 'ansible')

/** Where `snapshot.yml` puts what it fetched. */
export const snapshots = join(folders.kubernetes, 'snapshots')

/** infra/kubernetes on the nodes that `apply` made. */
export async function kubernetes(steps: Steps): Promise<void> {
  await steps.step('ansible-playbook cluster.yml, in which', async () => await playbook('cluster.yml'))
  const log = await readFile(timesOf('cluster.yml'), 'utf8')
  for (const { name, seconds } of playTimes(log))
    steps.line(`  ${name}`, seconds)
  console.log('of which the longest tasks are')
  for (const { name, seconds } of slowestTasks(log, 10))
    steps.line(`  ${name}`, seconds)
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
  const programs = await infraPython()
  await rm(timesOf(file), { force: true })
  const { output } = await loggedOnNetwork(`ansible-${file.replace('.yml', '')}`, ['ansible-playbook', '--inventory', inventory, '--extra-vars', JSON.stringify(variables), file, ...more], {
    cwd: join(root, 'infra/kubernetes'),
    env: {
      PATH: `${programs}:${process.env.PATH}`,
      ANSIBLE_HOME: ansibleHome,
      // A start of Python for every task is what costs most on an emulated processor. This keeps one running on each node.
      ANSIBLE_STRATEGY: 'mitogen_linear',
      ANSIBLE_STRATEGY_PLUGINS: await mitogenPlugins(programs),
      // A login alone can take longer than Ansible's ten seconds there.
      ANSIBLE_TIMEOUT: '120',
      ANSIBLE_LOG_PATH: timesOf(file),
      ANSIBLE_SSH_ARGS: `-o UserKnownHostsFile=${join(folders.state, 'known_hosts')}`,
    },
  })
  return output
}

function timesOf(file: string): string {
  return join(folders.logs, `ansible-${file.replace('.yml', '-times')}.log`)
}

async function mitogenPlugins(programs: string): Promise<string> {
  return (await command(join(programs, 'python'), ['-c', 'import ansible_mitogen.plugins.strategy as found; print(found.__path__[0])'])).trim()
}

/** kubectl as the administrator of the cluster on the cloud. */
export async function kubectl(...words: string[]): Promise<string> {
  return await kubectlReading('', ...words)
}

/** The same with something on its standard input. */
export async function kubectlReading(input: string, ...words: string[]): Promise<string> {
  return await commandOnNetwork([await programPath('kubectl'), '--kubeconfig', kubeconfig, ...words], { input })
}
