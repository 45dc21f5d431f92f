import { spawn } from 'node:child_process'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { otherCore, pin } from './pinning.ts'

export interface Job {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly headers: Readonly<Record<string, string>>
}

export interface Load {
  readonly requests: number
  readonly failures: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Share of its core that the generator itself used: near 100, it measures itself. */
  readonly generatorPercent: number
}

/** Ask the same thing over and over, from a process on the core that is not measured. */
export async function load(job: Job): Promise<Load> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('generator.ts', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  await pin(child.pid!, otherCore)
  // Not in the arguments: a token stands in it.
  child.stdin.end(JSON.stringify(job))
  const output = await text(child.stdout)
  if (await ended !== 0)
    throw new Error('the load generator failed')
  const result = JSON.parse(output) as Load // from generator.ts
  if (result.failures > 0)
    throw new Error(`${result.failures} requests to ${job.url} failed`)
  return result
}
