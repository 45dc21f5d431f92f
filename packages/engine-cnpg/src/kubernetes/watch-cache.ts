import type { Log } from '../log.ts'
import type { KubeApi } from './api.ts'
import type { KubeObject, Resource } from './objects.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from './api.ts'
import { missingIn } from './definitions.ts'
import { linesOf } from './lines.ts'
import { pathOf } from './objects.ts'

/** How patient a cache is, in milliseconds. */
export interface WatchTimings {
  /** A watch is asked to end after this long, more or less; the server would end it anyway. */
  readonly watchFor: number
  /** Bookmarks come about once a minute. Silence for longer than this is a connection that died unnoticed. */
  readonly idle: number
  /** Everything is listed again this often: no missed event costs more than that. */
  readonly resync: number
  readonly leastBackOff: number
  readonly mostBackOff: number
}

const usualWatchTimings: WatchTimings = {
  watchFor: 300_000,
  idle: 90_000,
  resync: 600_000,
  leastBackOff: 250,
  mostBackOff: 15_000,
}

const pageSize = 500

export interface WatchCacheOptions<View> {
  readonly api: KubeApi
  readonly resource: Resource
  /** Label selector. */
  readonly labels?: string
  /** What is kept of an object: about a kilobyte, not the tens of them that it has. Undefined: nothing. */
  readonly project: (object: KubeObject) => View | undefined
  readonly log: Log
  readonly timings?: Partial<WatchTimings>
}

export interface Change<View> {
  readonly before: View | undefined
  readonly after: View | undefined
}

interface Seen<View> {
  readonly version: bigint
  readonly view: View | undefined
}

interface Held<View> extends Seen<View> {
  readonly view: View
}

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject & { readonly code?: number, readonly reason?: string, readonly message?: string }
}

/** The list has to be made again: what the watch began from is no longer known to the server. */
class Expired extends Error {
  override readonly name = 'Expired'
}

/** A watch that was open ended otherwise than it should. */
class Broken extends Error {
  override readonly name = 'Broken'
}

/**
 * What the API has of one kind, kept current by LIST and WATCH.
 * - Objects are projected as they arrive; nothing else of them stays in memory.
 * - Versions only grow: an answer to a write of ours (`note`) is in effect at once, and older events do not undo it.
 * - A watch that ends, goes silent or is told 410 begins again; everything is listed again now and then.
 */
export class WatchCache<View> {
  readonly #options: WatchCacheOptions<View>
  readonly #timings: WatchTimings
  readonly #held = new Map<string, Held<View>>()
  readonly #listeners = new Set<(change: Change<View>) => void>()
  readonly #stateListeners = new Set<() => void>()
  readonly #closing = new AbortController()
  readonly #synced = Promise.withResolvers<void>()
  #isSynced = false
  #problem: string | undefined
  #running: Promise<void> | undefined

  constructor(options: WatchCacheOptions<View>) {
    this.#options = options
    this.#timings = { ...usualWatchTimings, ...options.timings }
  }

  /** Begin. Resolves when everything was listed once; failures until then are retried. */
  async start(): Promise<void> {
    this.#running ??= this.#run()
    await this.#synced.promise
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#synced.resolve()
    await this.#running
  }

  get isSynced(): boolean {
    return this.#isSynced
  }

  /** Why the API cannot be followed now; undefined while it can. */
  get problem(): string | undefined {
    return this.#problem
  }

  get(namespace: string | undefined, name: string): View | undefined {
    return this.#held.get(keyOf({ name, ...namespace === undefined ? {} : { namespace } }))?.view
  }

  values(): View[] {
    return [...this.#held.values()].map(({ view }) => view)
  }

  onChange(listener: (change: Change<View>) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Hear when `problem` comes and goes. */
  onProblem(listener: () => void): () => void {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  /** Take the answer to a write of ours, before the watch says the same. */
  note(object: KubeObject): void {
    this.#hold(keyOf(object.metadata), this.#look(object))
  }

  /** Take it that an object is gone: the API said so when it was asked. */
  forget(namespace: string | undefined, name: string): void {
    this.#drop(keyOf({ name, ...namespace === undefined ? {} : { namespace } }))
  }

  async #run(): Promise<void> {
    let backOff = this.#timings.leastBackOff
    let version: string | undefined
    let listedAt = 0
    while (!this.#closing.signal.aborted) {
      try {
        if (version === undefined || performance.now() - listedAt > this.#timings.resync) {
          version = await this.#list()
          listedAt = performance.now()
        }
        await this.#watch(version, reached => version = reached)
        backOff = this.#timings.leastBackOff
      }
      catch (error) {
        if (this.#closing.signal.aborted)
          return
        if (error instanceof Expired) {
          version = undefined
          continue
        }
        // A connection that broke says nothing yet; whether it can be made again does.
        if (!(error instanceof Broken)) {
          this.#options.log.warn({ err: error, resource: this.#options.resource.plural }, 'the cluster cannot be followed')
          this.#setProblem(missingIn(error) ?? (error instanceof Error ? error.message : String(error)))
        }
        await delay(backOff * (0.5 + Math.random() / 2), undefined, { signal: this.#closing.signal, ref: false }).catch(ignoreAbort)
        backOff = Math.min(backOff * 2, this.#timings.mostBackOff)
      }
    }
  }

  /** All pages, then the difference to what is held. Answers the version from which to watch. */
  async #list(): Promise<string> {
    const { api, labels, resource } = this.#options
    // Projected page by page: all objects of a large cluster at once would be memory that is not given back.
    const found = new Map<string, Seen<View>>()
    let next: string | undefined
    let version = ''
    do {
      const page = await this.#expiring(async () => await api.json<{ metadata: { resourceVersion: string, continue?: string }, items: KubeObject[] }>(pathOf(resource), {
        signal: this.#closing.signal,
        query: {
          limit: String(pageSize),
          ...labels === undefined ? {} : { labelSelector: labels },
          ...next === undefined ? {} : { continue: next },
        },
      }))
      for (const object of page.items)
        found.set(keyOf(object.metadata), this.#look(object))
      next = page.metadata.continue || undefined
      version = page.metadata.resourceVersion
    } while (next !== undefined)
    const listed = BigInt(version)
    for (const [key, held] of this.#held) {
      if (!found.has(key) && held.version <= listed)
        this.#drop(key)
    }
    for (const [key, seen] of found)
      this.#hold(key, seen)
    this.#isSynced = true
    this.#synced.resolve()
    return version
  }

  /** One watch, until it ends. Says which version it reached as it goes. */
  async #watch(from: string, reached: (version: string) => void): Promise<void> {
    const { api, labels, resource } = this.#options
    const idle = new AbortController()
    const watchdog = setTimeout(() => idle.abort(new Error('the watch went silent')), this.#timings.idle)
    watchdog.unref()
    let isOpen = false
    try {
      const stream = await this.#expiring(async () => await api.stream(pathOf(resource), {
        signal: AbortSignal.any([this.#closing.signal, idle.signal]),
        query: {
          watch: 'true',
          allowWatchBookmarks: 'true',
          resourceVersion: from,
          // Not all at once after the API came back.
          timeoutSeconds: String(Math.ceil(this.#timings.watchFor / 1000 * (1 + Math.random()))),
          ...labels === undefined ? {} : { labelSelector: labels },
        },
      }))
      isOpen = true
      this.#setProblem(undefined)
      for await (const line of linesOf(stream)) {
        watchdog.refresh()
        const event = JSON.parse(line) as WatchEvent // the API's documented shape
        if (event.type === 'ERROR')
          throw event.object.code === 410 ? new Expired() : new Error(event.object.message ?? 'the watch ended in an error')
        this.#take(event)
        if (event.object.metadata.resourceVersion !== undefined)
          reached(event.object.metadata.resourceVersion)
      }
    }
    catch (error) {
      // Silence is answered by watching again from where we are, which tells at once whether the API is there.
      if (!idle.signal.aborted || this.#closing.signal.aborted)
        throw isOpen && !(error instanceof Expired) ? new Broken('the watch broke', { cause: error }) : error
    }
    finally {
      clearTimeout(watchdog)
    }
  }

  #take({ object, type }: WatchEvent): void {
    if (type === 'BOOKMARK')
      return
    if (type === 'DELETED') {
      const held = this.#held.get(keyOf(object.metadata))
      if (held && held.version <= versionOf(object))
        this.#drop(keyOf(object.metadata))
      return
    }
    this.note(object)
  }

  /** What there is to keep of an object; what is held already is not made again. */
  #look(object: KubeObject): Seen<View> {
    const version = versionOf(object)
    const held = this.#held.get(keyOf(object.metadata))
    return held && held.version >= version ? held : { version, view: this.#options.project(object) }
  }

  #hold(key: string, { version, view }: Seen<View>): void {
    const held = this.#held.get(key)
    if (held && held.version >= version)
      return
    if (view === undefined)
      return this.#drop(key)
    this.#held.set(key, { version, view })
    this.#tell({ before: held?.view, after: view })
  }

  #drop(key: string): void {
    const before = this.#held.get(key)?.view
    if (before === undefined)
      return
    this.#held.delete(key)
    this.#tell({ before, after: undefined })
  }

  #tell(change: Change<View>): void {
    for (const listener of this.#listeners)
      listener(change)
  }

  #setProblem(problem: string | undefined): void {
    if (this.#problem === problem)
      return
    this.#problem = problem
    for (const listener of this.#stateListeners)
      listener()
  }

  async #expiring<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    }
    catch (error) {
      throw error instanceof ApiError && error.status === 410 ? new Expired() : error
    }
  }
}

function keyOf({ name, namespace = '' }: { readonly name: string, readonly namespace?: string }): string {
  return `${namespace}/${name}`
}

/** Since Kubernetes 1.35 versions are documented to be numbers that grow; they have been since the beginning. */
function versionOf(object: KubeObject): bigint {
  return BigInt(object.metadata.resourceVersion ?? 0)
}

function ignoreAbort(error: unknown): void {
  if (error instanceof Error && error.name === 'AbortError')
    return
  throw error
}
