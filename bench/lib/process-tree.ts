import { readdir, readFile, readlink } from 'node:fs/promises'

/** What processes use, from /proc. Memory in MB of 2^20 bytes. */
export interface Usage {
  /** Pages in memory; what several processes share is counted for each. */
  readonly rssMb: number
  /** The same with shared pages divided by those who share them: the sum over processes is what is really used. */
  readonly pssMb: number
  /** CPU time since the start, user and system. */
  readonly cpuMs: number
}

/** `sysconf(_SC_CLK_TCK)` of every Linux. */
const msPerTick = 10

export async function usageOf(pids: readonly number[]): Promise<Usage> {
  return sumOf(await Promise.all(pids.map(usageOfOne)))
}

/**
 * The same of processes and of all that descend from them now. What has ended is in the CPU time of who waited for it, so that
 * time never runs backwards.
 */
export async function usageOfTrees(roots: readonly number[]): Promise<Usage> {
  return sumOf(await Promise.all(roots.map(usageOfTree)))
}

async function usageOfTree(root: number): Promise<Usage> {
  for (;;) {
    const pids = await treeOf(root)
    const [usage, own, ...descendants] = await Promise.all([usageOf(pids), ...pids.map(async pid => await cpuMsOf(pid).catch(() => undefined))])
    if (own === undefined)
      throw new Error(`the process ${root} has ended`)
    // One that ended meanwhile may be counted twice or not at all.
    if ((await treeOf(root)).join() === pids.join())
      return { ...usage, cpuMs: descendants.reduce<number>((sum, ms = 0) => sum + ms, own) }
  }
}

const nothing: Usage = { rssMb: 0, pssMb: 0, cpuMs: 0 }

function sumOf(each: readonly Usage[]): Usage {
  const sum = (key: keyof Usage): number => each.reduce((total, usage) => total + usage[key], 0)
  return { rssMb: sum('rssMb'), pssMb: sum('pssMb'), cpuMs: sum('cpuMs') }
}

async function usageOfOne(pid: number): Promise<Usage> {
  // A process may end between the look at the tree and this one.
  const seen = await Promise.all([readFile(`/proc/${pid}/smaps_rollup`, 'utf8'), statOf(pid)]).catch(() => undefined)
  if (!seen)
    return nothing
  const [rollup, fields] = seen
  const mb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) / 1024
  return { rssMb: mb('Rss'), pssMb: mb('Pss'), cpuMs: (Number(fields[11]) + Number(fields[12])) * msPerTick }
}

/** CPU time of a process, user and system, and of its children that have ended. */
export async function cpuMsOf(pid: number): Promise<number> {
  return cpuMsIn(await readFile(`/proc/${pid}/stat`, 'utf8'))
}

/** The same, out of the text of its `stat`. */
export function cpuMsIn(stat: string): number {
  return fieldsOf(stat).slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * msPerTick
}

/** Processes whose working folder this is. */
export async function processesIn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const folders = await Promise.all(pids.map(async pid => await readlink(`/proc/${pid}/cwd`).catch(() => undefined)))
  return pids.filter((_, index) => folders[index] === folder)
}

/** A process and all that descend from it. */
export async function treeOf(pid: number): Promise<number[]> {
  const children = new Map<number, number[]>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name))
      continue
    // A process may end while we look.
    const parent = Number((await statOf(Number(name)).catch(() => [])).at(1))
    children.set(parent, [...children.get(parent) ?? [], Number(name)])
  }
  const found = [pid]
  for (const one of found)
    found.push(...children.get(one) ?? [])
  return found
}

async function statOf(pid: number): Promise<string[]> {
  return fieldsOf(await readFile(`/proc/${pid}/stat`, 'utf8'))
}

/** Fields of /proc/<pid>/stat after the name, which may hold anything: state, parent, … */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
