import type { Context } from './bench.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { measuredCore, pin } from './pinning.ts'

/** A server that ours is held against, in a process of its own on the core that is measured. */
export interface Peer {
  readonly url: string
  readonly pid: number
}

const environment = { PATH: '/usr/bin:/bin', NODE_ENV: 'production', GOMAXPROCS: '1' }

/** Start a program that reads its settings from standard input and says its address in its first line. */
export async function startPeer({ afterwards }: Context, command: string, args: readonly string[], settings: unknown): Promise<Peer> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: environment })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => resolve())
  })
  afterwards(async () => {
    child.kill()
    await ended
  })
  child.stdin.end(JSON.stringify(settings))
  const lines = createInterface(child.stdout)
  const early = ended.then((): never => {
    throw new Error(`${command} ended before it said its address`)
  })
  const [url] = await Promise.race([once(lines, 'line') as Promise<[string]>, early])
  await pin(child.pid!, measuredCore)
  return { url, pid: child.pid! }
}
