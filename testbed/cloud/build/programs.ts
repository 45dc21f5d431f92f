import type { GoProgram } from '../../../tools/needs/go-program.ts'
import { mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { goProgram } from '../../../tools/needs/go-program.ts'
import { buildPrograms, programPath } from '../../cluster/build/programs.ts'
import { folders as testbed } from '../../cluster/folders.ts'
import { versions } from '../../cluster/versions.ts'
import { folders } from '../folders.ts'

const built = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl', 'etcd'] as const
/** What the cluster of the namespaces does without, or with less. */
const more: readonly GoProgram[] = [
  ...['etcdctl', 'etcdutl'].map(name => ({ name, module: `go.etcd.io/etcd/${name}/v3`, version: versions.etcd })),
  { name: 'coredns-of-nodes', module: 'github.com/coredns/coredns', version: versions.coredns, main: fileURLToPath(new URL('go/coredns.go', import.meta.url)) },
]

/** A folder with every program of a node under its own name, as infra/kubernetes takes them (`binaries_folder`): links to what was built. */
export async function nodePrograms(): Promise<string> {
  await rm(folders.programs, { recursive: true, force: true })
  await mkdir(folders.programs, { recursive: true })
  await buildPrograms(built)
  for (const name of built)
    await put(name, await programPath(name))
  for (const program of more)
    await put(program.name.replace('-of-nodes', ''), await goProgram(program, testbed.programs))
  return folders.programs
}

/** What they are links to, versions included. */
export async function programsIn(folder: string): Promise<string[]> {
  return await Promise.all((await readdir(folder)).sort().map(async name => await readlink(join(folder, name))))
}

async function put(name: string, program: string): Promise<void> {
  await symlink(program, join(folders.programs, name))
}
