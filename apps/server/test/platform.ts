import type { Database, Operation } from '@howdah/contract'
import type { Capabilities, Engine } from '@howdah/engine'
import type { FakeWorld } from '@howdah/engine/fake'
import type { Observer } from '../src/reconcile/observer.ts'
import type { Worker, WorkerOptions } from '../src/reconcile/worker.ts'
import type { Answer, Harness, HarnessOptions, Request } from './harness.ts'
import type { SseClient } from './sse-client.ts'
import { FakeEngine } from '@howdah/engine/fake'
import { until } from '@howdah/testkit'
import { startObserver } from '../src/reconcile/observer.ts'
import { startWorker } from '../src/reconcile/worker.ts'
import { createHarness } from './harness.ts'
import { openSseClient } from './sse-client.ts'

export interface PlatformOptions extends Pick<HarnessOptions, 'beside' | 'heartbeatMs' | 'way'> {
  /** What the location `fake` runs on; default a FakeEngine of its own world. */
  readonly engine?: Engine
  readonly world?: FakeWorld
  readonly capabilities?: Partial<Capabilities>
  /** False: nothing works off what is asked for, until `startWorking`. */
  readonly isWorking?: boolean
  readonly worker?: Partial<Pick<WorkerOptions, 'beforeStep' | 'leaseMs' | 'concurrency'>>
}

/** The API with an engine that it drives: store, worker and observer are the real ones. */
export interface Platform extends Harness {
  readonly engine: FakeEngine
  /** As an admin of the project `default`. */
  readonly ask: <T = any>(method: NonNullable<Request['method']>, url: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer<T>>
  /** A database that is ready. */
  readonly create: (name: string, more?: object) => Promise<Database>
  readonly get: (name: string) => Promise<Database>
  readonly operation: (id: string) => Promise<Operation>
  /** Waits until it has ended, and answers it. */
  readonly ended: (id: string | null) => Promise<Operation>
  /** The database once it is in one of these phases. */
  readonly inPhase: (name: string, ...phases: string[]) => Promise<Database>
  readonly startWorking: () => Worker
  readonly stopWorking: () => Promise<void>
  /** Address of the API on a port of its own. */
  readonly listen: () => Promise<string>
  readonly follow: (path: string, headers?: Record<string, string>) => Promise<SseClient>
  /** Closes every stream that was followed. */
  readonly hangUp: () => void
}

export const location = 'fake'

export async function createPlatform({ engine: given, world, capabilities, isWorking = true, worker: workerOptions, ...options }: PlatformOptions = {}): Promise<Platform> {
  const engine = given ?? new FakeEngine({ ...world ? { world } : {}, ...capabilities ? { capabilities } : {} })
  await engine.open()
  let worker: Worker | undefined
  let observer: Observer | undefined
  const harness = await createHarness({ ...options, engines: new Map([[location, engine]]), wake: () => worker?.wake() })
  const token = await harness.tokenFor()
  const stopHearing = harness.listener.onWork(by => by !== harness.domain.id && worker?.wake())
  let url: string | undefined
  const clients: SseClient[] = []

  function startWorking(): Worker {
    const started = startWorker({ domain: harness.domain, metrics: harness.services.metrics, concurrency: 8, ...workerOptions })
    worker = started
    observer ??= startObserver(harness.domain, location, engine, { onNews: id => worker?.nudge(id), leads: () => harness.listener.lead(location) })
    return started
  }
  async function stopWorking(): Promise<void> {
    const [stopping, watching] = [worker, observer]
    worker = observer = undefined
    await stopping?.drain()
    await watching?.close()
  }
  if (isWorking)
    startWorking()

  function hangUp(): void {
    for (const client of clients.splice(0))
      client.close()
  }
  const ask: Platform['ask'] = (method, path, body, headers) => harness.inject({ method, url: path, token, ...body === undefined ? {} : { body }, ...headers ? { headers } : {} })
  async function read<T>(path: string): Promise<T> {
    const { status, body, text } = await ask<T>('GET', path)
    if (status !== 200)
      throw new Error(`GET ${path} answered ${status}: ${text}`)
    return body
  }
  const operation = (id: string) => read<Operation>(`/api/operations/${id}`)
  const get = (name: string) => read<Database>(`/api/databases/${name}`)
  async function listen(): Promise<string> {
    url ??= await harness.app.listen({ host: '127.0.0.1', port: 0 })
    return url
  }

  return {
    ...harness,
    // Tests that give another engine keep it at hand themselves.
    engine: engine as FakeEngine,
    ask,
    async create(name, more = {}) {
      const { status, body, text } = await ask<Database>('POST', '/api/databases', { name, ...more }, { prefer: 'wait=30' })
      if (status !== 201 || body.phase !== 'ready')
        throw new Error(`create answered ${status}: ${text}`)
      return body
    },
    get,
    operation,
    ended: id => until(async () => {
      const found = await operation(id!)
      return ['succeeded', 'failed', 'cancelled'].includes(found.phase) ? found : undefined
    }, { deadlineMs: 20_000, what: `operation ${id} ends` }),
    inPhase: (name, ...phases) => until(async () => {
      const found = await get(name)
      return phases.includes(found.phase) ? found : undefined
    }, { deadlineMs: 20_000, what: `${name} is ${phases.join(' or ')}` }),
    startWorking,
    stopWorking,
    listen,
    async follow(path, headers = {}) {
      const client = await openSseClient(`${await listen()}${path}`, { authorization: `Bearer ${token}`, ...headers })
      clients.push(client)
      return client
    },
    hangUp,
    async close() {
      hangUp()
      stopHearing()
      await stopWorking()
      await harness.close()
      await engine.close()
    },
  }
}
