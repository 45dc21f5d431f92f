import { readdir, readFile, readlink } from 'node:fs/promises'

interface Process {
  readonly pid: number
  readonly parent: number
  readonly name: string
  /** When it started, in ticks since this machine did: with the id it names one process for good. Absent when it has ended. */
  readonly started: string | undefined
}

export async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const found = await Promise.all(pids.map(async pid => await processOf(Number(pid))))
  return found.filter(process => process !== undefined)
}

/** What /proc says about one. */
export async function processOf(pid: number): Promise<Process | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const [, name = '', rest = ''] = /\((.*)\) (.*)/.exec(text ?? '') ?? []
  const [state, parent, ...fields] = rest.split(' ')
  return text === undefined
    ? undefined
    : { pid, parent: Number(parent), name, started: state === 'Z' ? undefined : fields[17] }
}

/** Memory of everything in the process namespace of this one, containers included, in MiB. What several share is divided among them. */
export async function memoryAround(pid: number): Promise<number> {
  const all = await processes()
  const namespace = await namespaceOf(pid)
  const namespaces = await Promise.all(all.map(async process => await namespaceOf(process.pid)))
  const family = new Set(all.filter((_, index) => namespaces[index] === namespace).map(process => process.pid))
  // Containers have namespaces below it. A child may come before its parent in the list.
  for (let size = 0; size < family.size;) {
    size = family.size
    for (const process of all.filter(({ parent }) => family.has(parent)))
      family.add(process.pid)
  }
  const sizes = await Promise.all([...family].map(async (pid) => {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0)
  }))
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1024)
}

async function namespaceOf(pid: number): Promise<string> {
  return await readlink(`/proc/${pid}/ns/pid`).catch(() => '')
}
