import type { ChildProcess } from 'node:child_process'
import type { S3Settings } from '../archive/object-store.ts'
import type { StoreOptions } from '../store-options.ts'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { request as ask, createServer as createHttpServer } from 'node:http'
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
  /** Answer no write to a path that contains this until it was stopped; resolves when the first one has come. */
  readonly hold: (path: string) => Promise<void>
}

const bucket = 'archives'

export async function s3Server(root: string): Promise<S3Server> {
  const program = inject('versitygw')
  const [port, inner] = [await freePort(), await freePort()]
  const endpoint = `http://127.0.0.1:${port}`
  const [accessKeyId, secretAccessKey] = ['tests', randomBytes(20).toString('hex')]
  const buckets = join(root, 's3')
  await mkdir(join(buckets, bucket), { recursive: true })
  let child: ChildProcess | undefined
  let held: { readonly path: string, readonly arrived: PromiseWithResolvers<void> } | undefined
  // Clients come through here, so that a test decides when they are in the middle of something.
  const front = createHttpServer((request, response) => {
    if (held && request.method === 'PUT' && request.url?.includes(held.path)) {
      held.arrived.resolve()
      return
    }
    const onward = ask({ host: '127.0.0.1', port: inner, method: request.method, path: request.url, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })

  const server: S3Server = {
    endpoint,
    folder: join(buckets, bucket, 'some', 'where'),
    settings: { kind: 's3', endpoint, region: 'us-east-1', bucket, prefix: 'some/where', pathStyle: true, accessKeyId, secretAccessKey },
    options: { kind: 's3', url: `s3://${bucket}/some/where?endpoint=${endpoint}`, accessKeyId, secretAccessKey },
    start: async () => {
      if (front.listening)
        return
      child = spawn(program, ['--port', `127.0.0.1:${inner}`, 'posix', buckets], {
        stdio: 'ignore',
        env: { PATH: process.env.PATH, ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
      })
      await until(async () => await answers(inner), { deadlineMs: 30_000, everyMs: 50, what: 'the S3 server answers' })
      front.listen(port, '127.0.0.1')
      await once(front, 'listening')
    },
    stop: async () => {
      held = undefined
      if (front.listening) {
        front.close()
        front.closeAllConnections()
        await once(front, 'close')
      }
      const running = child
      child = undefined
      if (running?.exitCode === null && running.kill('SIGKILL'))
        await once(running, 'exit')
    },
    hold: async (path) => {
      held = { path, arrived: Promise.withResolvers() }
      await held.arrived.promise
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
