import type { ScriptedAnswer, ScriptedServer } from '@howdah/testkit'
import type { ServerResponse } from 'node:http'
import { scriptedServer } from '@howdah/testkit'
import { afterEach, expect, it } from 'vitest'
import { createClient, DeadlineError, OperationError, PhaseError } from './index.ts'

let server: ScriptedServer
afterEach(async () => await server?.close())

const id = '0190c3a5-0000-7000-8000-000000000001'

function operation(phase: string, progressPercent = 0) {
  return {
    id,
    type: 'database.create',
    database: 'shop',
    phase,
    progressPercent,
    error: phase === 'failed'
      ? { reason: 'NoRoom', message: 'The disk is full.', nextStep: 'Make room.' }
      : null,
  }
}

function told(value: object): string {
  return `id: 9\ndata: ${JSON.stringify({
    id: '9',
    kind: 'operation',
    name: 'shop',
    ...value,
  })}\n\n`
}

const forbidden: ScriptedAnswer = {
  status: 403,
  json: {
    status: 403,
    code: 'forbidden',
    title: '',
    detail: 'No.',
    requestId: 'r',
  },
}

it('an operation is followed by its events', async () => {
  let stream: ServerResponse | undefined
  server = await scriptedServer(({ path }) => path === '/api/events'
    ? {
        stream: response => (stream = response).write(':\n\n'),
      }
    : {
        json: operation('running', 10),
      })
  const seen: number[] = []
  const done = await createClient({ baseUrl: server.url }).operations.wait(id, {
    onProgress: (state) => {
      seen.push(state.progressPercent)
      stream?.write(told({
        operation: operation(state.progressPercent < 60
          ? 'running'
          : 'succeeded', state.progressPercent + 30),
      }))
    },
  })
  expect(done.phase).toBe('succeeded')
  expect(seen.at(-1)).toBe(100)
})

it('without events it is read until it has ended', async () => {
  let reads = 0
  server = await scriptedServer(({ path }) => path === '/api/events'
    ? forbidden
    : {
        json: operation(++reads < 4
          ? 'running'
          : 'succeeded'),
      })
  expect((await createClient({ baseUrl: server.url }).operations.wait(id)).phase).toBe('succeeded')
})

it('a gap in the events is closed by reading', async () => {
  let reads = 0
  server = await scriptedServer(({ path }, count) => path === '/api/events'
    ? {
        stream: response => response.write(count > 4
          ? told({ kind: 'reset' })
          : ':\n\n', () => count <= 4 && response.end()),
      }
    : {
        json: operation(++reads < 3
          ? 'running'
          : 'succeeded'),
      })
  expect((await createClient({ baseUrl: server.url }).operations.wait(id)).phase).toBe('succeeded')
})

it('a control plane that restarts meanwhile does not end the waiting', async () => {
  let reads = 0
  server = await scriptedServer(({ path }) => path === '/api/events' || (++reads > 1 && reads < 6)
    ? { cut: true }
    : {
        json: operation(reads === 1
          ? 'running'
          : 'succeeded'),
      })
  expect((await createClient({ baseUrl: server.url, retries: false }).operations.wait(id)).phase).toBe('succeeded')
})

it('a failed operation is an error with the server\'s reason and next step', async () => {
  server = await scriptedServer(({ path }) => path === '/api/events'
    ? forbidden
    : {
        json: operation('failed'),
      })
  const error = await createClient({ baseUrl: server.url }).operations.wait(id).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(OperationError)
  expect(error).toMatchObject({
    message: 'The disk is full.',
    nextStep: 'Make room.',
    operation: { phase: 'failed' },
  })
})

it('an operation that does not end is given up at the deadline', async () => {
  server = await scriptedServer(({ path }) => path === '/api/events'
    ? forbidden
    : {
        json: operation('running'),
      })
  await expect(createClient({ baseUrl: server.url }).operations.wait(id, { deadlineMs: 150 })).rejects.toThrow(DeadlineError)
})

it('an unknown operation is not waited for', async () => {
  server = await scriptedServer(() => ({
    status: 404,
    json: {
      status: 404,
      code: 'not-found',
      title: '',
      detail: 'No.',
      requestId: 'r',
    },
  }))
  await expect(createClient({ baseUrl: server.url }).operations.wait(id)).rejects.toMatchObject({ code: 'not-found' })
})

it('ready means ready and nothing going on', async () => {
  let reads = 0
  server = await scriptedServer(({ path }) => path === '/api/events'
    ? forbidden
    : {
        json: {
          name: 'shop',
          phase: 'ready',
          operation: ++reads < 3
            ? id
            : null,
        },
      })
  await createClient({ baseUrl: server.url }).databases.waitUntilReady('shop')
  expect(reads).toBe(3)
})

it('a database that failed is an error at once', async () => {
  server = await scriptedServer(({ path }) => path === '/api/events'
    ? forbidden
    : {
        json: {
          name: 'shop',
          phase: 'failed',
          message: 'initdb broke.',
          operation: null,
        },
      })
  const error = await createClient({ baseUrl: server.url }).databases.waitUntilReady('shop').catch((error: unknown) => error)
  expect(error).toBeInstanceOf(PhaseError)
  expect(error).toMatchObject({ message: 'shop is failed: initdb broke.' })
})

it('fifty waiters share one stream', async () => {
  const streams = new Set<ServerResponse>()
  server = await scriptedServer(({ path }) => path === '/api/events'
    ? {
        stream: response => streams.add(response) && response.write(':\n\n'),
      }
    : {
        json: operation('running'),
      })
  const client = createClient({ baseUrl: server.url })
  let begun = 0
  await Promise.all(Array.from({ length: 50 }, () => client.operations.wait(id, {
    onProgress: () => ++begun >= 100 && streams.forEach(stream => stream.write(told({
      operation: operation('succeeded'),
    }))),
  })))
  expect(server.requests.filter(request => request.path === '/api/events')).toHaveLength(1)
})
