import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '@howdah/testkit/until'
import { command, succeeds } from '../../tools/command.ts'
import { runtimePath } from './build/debian.ts'
import { pauseImage } from './build/images.ts'
import { folders } from './folders.ts'
import { enter, pidOf, startDaemon } from './machine.ts'

/** Where the networks of pods are set up, in every node's own /var. */
export const networkConfiguration = '/var/lib/cni/net.d'

const path = `${runtimePath('usr/bin')}:${runtimePath('usr/sbin')}:/usr/sbin:/usr/bin:/sbin:/bin`

/**
 * `restrict_oom_score_adj`: as root without CAP_SYS_RESOURCE, which is what CI machines give, a container whose score is
 * lowered does not start, and only says "can't get final child's PID from pipe".
 */
function configuration(): string {
  return `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${runtimePath('usr/lib/cni')}"
    conf_dir = "${networkConfiguration}"
`
}

/** Start containerd in a machine; it answers afterwards. */
export async function startContainerd(machine: string): Promise<void> {
  const file = join(folders.state, 'containerd.toml')
  await writeFile(file, configuration())
  await startDaemon(machine, 'containerd', [runtimePath('usr/bin/containerd'), '--config', file], { PATH: path })
  const [program, args] = await ctr(machine, ['version'])
  await until(async () => await succeeds(program, args), { deadlineMs: 30_000, everyMs: 100, what: `containerd of ${machine} answers` })
}

/** Bring the images of an OCI layout into a machine's containerd. */
export async function importImages(machine: string, layout: string): Promise<void> {
  const [program, args] = await ctr(machine, ['--namespace', 'k8s.io', 'images', 'import', '-'])
  await command('sh', ['-c', 'tar --create --directory "$0" . | "$@" > /dev/null', layout, program, ...args])
}

/** Give an image of a machine a second name. */
export async function nameImage(machine: string, image: string, name: string): Promise<void> {
  const [program, args] = await ctr(machine, ['--namespace', 'k8s.io', 'images', 'tag', '--force', image, name])
  await command(program, args)
}

export async function unnameImage(machine: string, name: string): Promise<void> {
  const [program, args] = await ctr(machine, ['--namespace', 'k8s.io', 'images', 'remove', name])
  await command(program, args)
}

/** Run a program in a container, as its own user. */
export async function execInContainer(machine: string, container: string, args: readonly string[]): Promise<string> {
  const [program, before] = await ctr(machine, ['--namespace', 'k8s.io', 'tasks', 'exec', '--exec-id', randomUUID(), container])
  return await command(program, [...before, ...args])
}

async function ctr(machine: string, args: readonly string[]): Promise<[program: string, args: string[]]> {
  const pid = await pidOf(machine)
  if (!pid)
    throw new Error(`${machine} is off`)
  return ['nsenter', [...enter(pid), runtimePath('usr/bin/ctr'), ...args]]
}
