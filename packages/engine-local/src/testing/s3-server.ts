import type { ChildProcess } from 'node:child_process'
import type { S3Settings } from '../archive/object-store.ts'
import type { StoreOptions } from '../store-options.ts'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { until } from '@howdah/testkit'
import { inject } from 'vitest'

/** A real S3 over a folder, in which tests can damage what is stored. */
export interface S3Server {
  readonly endpoint: string
  /** What is in the bucket, as files. */
  readonly folder: string
  readonly settings: S3Settings
  readonly options: StoreOptions & { kind: 's3' }
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

const bucket = 'archives'

export async function s3Server(root: string): Promise<S3Server> {
  const program = inject('versitygw')
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const [accessKeyId, secretAccessKey] = ['tests', randomBytes(20).toString('hex')]
  const buckets = join(root, 's3')
  await mkdir(join(buckets, bucket), { recursive: true })
  let child: ChildProcess | undefined

  const server: S3Server = {
    endpoint,
    folder: join(buckets, bucket, 'some', 'where'),
    settings: { kind: 's3', endpoint, region: 'us-east-1', bucket, prefix: 'some/where', pathStyle: true, accessKeyId, secretAccessKey },
    options: { kind: 's3', url: `s3://${bucket}/some/where?endpoint=${endpoint}`, accessKeyId, secretAccessKey },
    start: async () => {
      child = spawn(program, ['--port', `127.0.0.1:${port}`, 'posix', buckets], {
        stdio: 'ignore',
        env: { PATH: process.env.PATH, ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
      })
      await until(async () => await answers(port), { deadlineMs: 30_000, everyMs: 50, what: 'the S3 server answers' })
    },
    stop: async () => {
      const running = child
      child = undefined
      if (running?.exitCode === null && running.kill('SIGKILL'))
        await once(running, 'exit')
    },
  }
  await server.start()
  return server
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  }).finally(() => socket.destroy())
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string')
    throw new Error('a TCP server has a port')
  return address.port
}
