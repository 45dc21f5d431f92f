import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from '@howdah/testkit'
import type { ServerResponse } from 'node:http'
import type { KubeObject } from './objects.ts'
import type { Change, WatchTimings } from './watch-cache.ts'
import { scriptedServer, until } from '@howdah/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../testing/silent-log.ts'
import { KubeApi } from './api.ts'
import { resources } from './objects.ts'
import { WatchCache } from './watch-cache.ts'

interface View { readonly name: string, readonly colour: string | undefined }

/** The part of an API server that lists and watches: its faults cannot be had from a real one at will. */
class ApiServer {
  objects: KubeObject[] = []
  version = 10
  pageSize = 500
  readonly watches: { readonly from: string, readonly response: ServerResponse }[] = []
  /** Asked first; what it answers is sent instead. */
  fault: (request: ScriptedRequest) => ScriptedAnswer | undefined = () => undefined

  readonly answer = (request: ScriptedRequest): ScriptedAnswer => {
    const fault = this.fault(request)
    if (fault)
      return fault
    if (request.query.get('watch') === 'true')
      return { stream: response => void this.watches.push({ from: request.query.get('resourceVersion') ?? '', response }) }
    const from = Number(request.query.get('continue') ?? 0)
    const isLast = from + this.pageSize >= this.objects.length
    return {
      json: {
        metadata: { resourceVersion: String(this.version), ...isLast ? {} : { continue: String(from + this.pageSize) } },
        items: this.objects.slice(from, from + this.pageSize),
      },
    }
  }

  async watch(count: number): Promise<ServerResponse> {
    return (await until(() => this.watches.at(count - 1), { deadlineMs: 10_000, what: `watch number ${count}` })).response
  }

  say(response: ServerResponse, type: string, object: unknown): void {
    response.write(`${JSON.stringify({ type, object })}\n`)
  }
}

function thing(name: string, version: number, colour?: string): KubeObject {
  return { metadata: { name, namespace: 'shop', resourceVersion: String(version), ...colour === undefined ? {} : { labels: { colour } } } }
}

const api = { server: undefined as unknown as ScriptedServer, kube: undefined as unknown as KubeApi }
let fake: ApiServer
let cache: WatchCache<View>
let changes: Change<View>[]

function open(timings: Partial<WatchTimings> = {}): void {
  cache = new WatchCache<View>({
    api: api.kube,
    resource: resources.pod,
    labels: 'app=x',
    log: silentLog,
    timings: { leastBackOff: 1, mostBackOff: 5, ...timings },
    project: ({ metadata }) => ({ name: metadata.name, colour: metadata.labels?.colour }),
  })
  changes = []
  cache.onChange(change => changes.push(change))
}

beforeEach(async () => {
  fake = new ApiServer()
  api.server = await scriptedServer(fake.answer)
  api.kube = new KubeApi({ server: api.server.url, credential: async () => ({}) })
  open()
})

afterEach(async () => {
  await cache.close()
  api.kube.close()
  await api.server.close()
})

/** A fault that happens the first time that it may. */
function once(when: (request: ScriptedRequest) => boolean, answer: ScriptedAnswer): ApiServer['fault'] {
  let isTold = false
  return (request) => {
    if (isTold || !when(request))
      return undefined
    isTold = true
    return answer
  }
}

const names = (): string[] => cache.values().map(({ name }) => name).sort()
const settles = async (what: string, condition: () => boolean): Promise<unknown> => await until(condition, { deadlineMs: 10_000, what })

describe('a watch cache', () => {
  it('holds all pages of the list, and watches from its version with bookmarks', async () => {
    fake.objects = Array.from({ length: 7 }, (_, index) => thing(`p${index}`, index + 1))
    fake.pageSize = 3
    await cache.start()
    expect(names()).toHaveLength(7)
    await fake.watch(1)
    const watch = api.server.requests.at(-1)
    expect(watch?.path).toBe('/api/v1/pods')
    expect(Object.fromEntries(watch?.query ?? [])).toMatchObject({ watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '10', labelSelector: 'app=x' })
  })

  it('keeps only the projection, and tells each change with what was before', async () => {
    fake.objects = [thing('a', 1, 'red')]
    await cache.start()
    const watch = await fake.watch(1)
    fake.say(watch, 'MODIFIED', thing('a', 11, 'blue'))
    fake.say(watch, 'ADDED', thing('b', 12))
    fake.say(watch, 'DELETED', thing('a', 13, 'blue'))
    await settles('all three are heard', () => changes.length === 4)
    expect(changes).toEqual([
      { before: undefined, after: { name: 'a', colour: 'red' } },
      { before: { name: 'a', colour: 'red' }, after: { name: 'a', colour: 'blue' } },
      { before: undefined, after: { name: 'b', colour: undefined } },
      { before: { name: 'a', colour: 'blue' }, after: undefined },
    ])
    expect(names()).toEqual(['b'])
  })

  it('ignores what comes twice, late or out of order', async () => {
    fake.objects = [thing('a', 9, 'red')]
    await cache.start()
    const watch = await fake.watch(1)
    fake.say(watch, 'MODIFIED', thing('a', 12, 'blue'))
    fake.say(watch, 'MODIFIED', thing('a', 11, 'green'))
    fake.say(watch, 'MODIFIED', thing('a', 12, 'blue'))
    fake.say(watch, 'DELETED', thing('a', 8))
    fake.say(watch, 'ADDED', thing('last', 13))
    await settles('the last one is heard', () => names().includes('last'))
    expect(cache.get('shop', 'a')).toEqual({ name: 'a', colour: 'blue' })
    expect(changes).toHaveLength(3)
  })

  it('knows what we wrote at once, and an older event does not undo it', async () => {
    await cache.start()
    const watch = await fake.watch(1)
    cache.note(thing('a', 20, 'ours'))
    fake.say(watch, 'ADDED', thing('a', 15, 'stale'))
    fake.say(watch, 'ADDED', thing('b', 16))
    await settles('the later event is heard', () => names().includes('b'))
    expect(cache.get('shop', 'a')?.colour).toBe('ours')
  })

  it('goes on from where it was when a watch ends, bookmarks included', async () => {
    await cache.start()
    const watch = await fake.watch(1)
    fake.say(watch, 'ADDED', thing('a', 11))
    fake.say(watch, 'BOOKMARK', { metadata: { resourceVersion: '40' } })
    watch.end()
    await fake.watch(2)
    expect(fake.watches.map(({ from }) => from)).toEqual(['10', '40'])
    expect(api.server.requests.filter(({ query }) => query.get('watch') === null)).toHaveLength(1)
  })

  it('watches again when a connection goes silent', async () => {
    await cache.close()
    open({ idle: 50 })
    await cache.start()
    await fake.watch(3)
    expect(cache.problem).toBeUndefined()
  })

  it.each(['as an event', 'as the answer'])('lists again after 410 %s, and finds what it missed', async (how) => {
    fake.objects = [thing('gone', 1), thing('stays', 2)]
    await cache.start()
    const watch = await fake.watch(1)
    fake.objects = [thing('stays', 2), thing('new', 51)]
    fake.version = 60
    if (how === 'as an event') {
      fake.say(watch, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' })
    }
    else {
      fake.fault = once(({ query }) => query.get('watch') === 'true', { status: 410, json: { kind: 'Status', code: 410, reason: 'Expired' } })
      watch.end()
    }
    await fake.watch(2)
    expect(names()).toEqual(['new', 'stays'])
    expect(changes.at(-2)).toEqual({ before: { name: 'gone', colour: undefined }, after: undefined })
    expect(fake.watches.at(-1)?.from).toBe('60')
  })

  it('begins the list again when its pages expire', async () => {
    fake.objects = Array.from({ length: 4 }, (_, index) => thing(`p${index}`, index + 1))
    fake.pageSize = 2
    fake.fault = once(({ query }) => query.get('continue') !== null, { status: 410, json: { kind: 'Status', code: 410, reason: 'Expired' } })
    await cache.start()
    expect(names()).toHaveLength(4)
  })

  it('finds a missed event at the next resync', async () => {
    await cache.close()
    open({ resync: 0 })
    await cache.start()
    fake.objects = [thing('missed', 3)]
    const watch = await fake.watch(1)
    watch.end()
    await settles('it is found', () => names().includes('missed'))
  })

  it('says while the API is away, keeps what it knew, and comes back by itself', async () => {
    fake.objects = [thing('a', 1)]
    await cache.start()
    const watch = await fake.watch(1)
    const problems: (string | undefined)[] = []
    cache.onProblem(() => problems.push(cache.problem))
    fake.fault = () => ({ status: 503, json: { kind: 'Status', message: 'etcd is away' } })
    watch.destroy()
    await settles('it is noticed', () => cache.problem !== undefined)
    expect(names()).toEqual(['a'])
    fake.fault = () => undefined
    await fake.watch(2)
    await settles('it is over', () => cache.problem === undefined)
    expect(problems).toEqual([expect.stringContaining('503'), undefined])
  })

  it('retries its first list until there is an answer', async () => {
    let refusals = 0
    fake.fault = () => ++refusals <= 3 ? { cut: true } : undefined
    await cache.start()
    expect(cache.isSynced).toBe(true)
    expect(refusals).toBeGreaterThan(3)
  })

  it('ends when it is closed, in the middle of whatever it does', async () => {
    await cache.start()
    const watch = await fake.watch(1)
    const ended = new Promise(resolve => watch.once('close', resolve))
    await cache.close()
    await ended
  })
})
