import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { exists } from '../../../tools/exists.ts'
import { goProgram } from '../../../tools/needs/go-program.ts'
import { programPath } from '../../cluster/build/programs.ts'
import { folders as testbed } from '../../cluster/folders.ts'
import { versions } from '../../cluster/versions.ts'
import { folders } from '../folders.ts'

const built = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl', 'etcd', 'coredns'] as const
/** What works on etcd's data by hand: the cluster of the namespaces needs neither. */
const tools = ['etcdctl', 'etcdutl'] as const

/** A folder with every program of a node under its own name, as infra/kubernetes takes them (`binaries_folder`). */
export async function nodePrograms(): Promise<string> {
  const folder = join(folders.programs, `${versions.kubernetes}-${versions.etcd}-${versions.coredns}`)
  await mkdir(folder, { recursive: true })
  for (const name of built)
    await put(folder, name, await programPath(name))
  for (const name of tools)
    await put(folder, name, await goProgram({ name, module: `go.etcd.io/etcd/${name}/v3`, version: versions.etcd }, testbed.programs))
  return folder
}

async function put(folder: string, name: string, program: string): Promise<void> {
  if (!await exists(join(folder, name)))
    await copyFile(program, join(folder, name))
}
