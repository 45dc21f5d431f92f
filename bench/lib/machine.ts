import { execFile } from 'node:child_process'
import { open, readFile, rm } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { root } from '../../tools/root.ts'
import { figure } from './figure.ts'

const run = promisify(execFile)

/** What the figures were measured on, looked at just before. */
export interface Machine {
  readonly at: string
  readonly commit: string
  readonly cores: number
  readonly cpu: string
  readonly memoryGib: number
  readonly kernel: string
  readonly node: string
  /** One 8 KiB write and its `fdatasync`: what a durable commit costs at least. */
  readonly fdatasyncMs: { readonly p50: number, readonly p99: number }
  readonly loadAverage: number
  /** Share of all cores that others used in the two seconds before. */
  readonly busyPercent: number
}

/** Others that take more than this make figures worse than they are. */
export const busyAbovePercent = 10

export async function lookAtMachine(): Promise<Machine> {
  const [loadAverage = 0] = loadavg()
  const busyPercent = await busyShare(2000)
  return {
    at: new Date().toISOString(),
    commit: await commit(),
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? '',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    fdatasyncMs: await fdatasync(100),
    loadAverage,
    busyPercent,
  }
}

async function commit(): Promise<string> {
  const { stdout } = await run('git', ['describe', '--always', '--dirty'], { cwd: root })
  return stdout.trim()
}

async function busyShare(withinMs: number): Promise<number> {
  const before = await ticks()
  await delay(withinMs)
  const after = await ticks()
  return Math.round(1000 * (after.busy - before.busy) / (after.all - before.all)) / 10
}

async function ticks(): Promise<{ busy: number, all: number }> {
  const [first = ''] = (await readFile('/proc/stat', 'utf8')).split('\n')
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, ...rest] = first.split(/\s+/).slice(1).map(Number)
  const busy = user + nice + system + rest.slice(0, 3).reduce((sum, value) => sum + value, 0)
  return { busy, all: busy + idle + waiting }
}

async function fdatasync(n: number): Promise<{ p50: number, p99: number }> {
  const path = join(tmpdir(), `howdah-bench-${process.pid}.sync`)
  const file = await open(path, 'w')
  const samples: number[] = []
  try {
    for (let count = 0; count < n; count++) {
      const start = performance.now()
      await file.write(new Uint8Array(8192).fill(count))
      await file.datasync()
      samples.push(performance.now() - start)
    }
  }
  finally {
    await file.close()
    await rm(path)
  }
  const { p50, p99 } = figure('fdatasync', 'ms', samples)
  return { p50, p99 }
}
