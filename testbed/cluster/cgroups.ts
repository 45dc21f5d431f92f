import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exists } from '../../tools/exists.ts'

const root = '/sys/fs/cgroup'

/** Where a kubelet keeps the cgroups of its pods. */
export function cgroupOf(node: string): string {
  return `/howdah-testbed/${node}`
}

/** Whether this machine has them, and the right to make more. */
export async function canMakeCgroups(): Promise<boolean> {
  const path = join((await hierarchies())[0] ?? root, 'howdah-probe')
  try {
    await mkdir(path)
    await rmdir(path)
    return true
  }
  catch {
    // Read-only in a container, or not there at all: either way the answer.
    return false
  }
}

/** Everything in the nodes together, against other processes of this machine: as much as three of them, by the first version's scale and the second's. */
const weights = { 'cpu.shares': '3072', 'cpu.weight': '300' }

/**
 * A kubelet begins below a group that must be there, with every controller. Those of its containers are gone after a loss of power: it
 * would look three seconds for each.
 */
export async function makeCgroup(node: string): Promise<void> {
  const isUnified = await exists(join(root, 'cgroup.controllers'))
  for (const hierarchy of await hierarchies()) {
    const parent = join(hierarchy, 'howdah-testbed')
    const own = join(hierarchy, cgroupOf(node))
    await removeTree(own)
    await mkdir(own, { recursive: true })
    if (isUnified) {
      const controllers = (await readFile(join(root, 'cgroup.controllers'), 'utf8')).trim().split(' ').map(name => `+${name}`).join(' ')
      for (const group of [root, parent, own])
        await writeFile(join(group, 'cgroup.subtree_control'), controllers)
    }
    else if (await exists(join(hierarchy, 'cpuset.cpus'))) {
      // The first version's cpuset begins empty, and takes no process while it is.
      for (const group of [parent, own]) {
        for (const file of ['cpuset.cpus', 'cpuset.mems'])
          await writeFile(join(group, file), await readFile(join(hierarchy, file), 'utf8'))
      }
    }
    for (const [file, weight] of Object.entries(weights)) {
      if (await exists(join(parent, file)))
        await writeFile(join(parent, file), weight)
    }
  }
}

/** Their processes have ended with the nodes. */
export async function removeCgroups(): Promise<void> {
  for (const hierarchy of await hierarchies())
    await removeTree(join(hierarchy, 'howdah-testbed'))
}

/** One per controller in the first version, one in the second. */
async function hierarchies(): Promise<string[]> {
  if (await exists(join(root, 'cgroup.controllers')))
    return [root]
  const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
  return entries.filter(entry => entry.isDirectory()).map(entry => join(root, entry.name))
}

/** The files in a cgroup are the kernel's: only folders can be removed, from the bottom. */
async function removeTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
  if (!entries)
    return
  for (const entry of entries.filter(entry => entry.isDirectory()))
    await removeTree(join(path, entry.name))
  await rmdir(path)
}
