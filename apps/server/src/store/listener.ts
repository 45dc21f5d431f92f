import type { PoolConfig } from 'pg'
import type { StreamMessage } from './stream.ts'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { accessChannel, streamChannel, workChannel } from './stream.ts'

/** The store's notifications, heard by one connection that is made again whenever it breaks. */
export interface Listener {
  subscribe: (projectId: string, listener: (message: StreamMessage) => void) => () => void
  /** Called when any process queued work, with who did (`Domain.id`), and without when that may have been missed. */
  onWork: (listener: (by?: string) => void) => () => void
  /** Called with the id of a person, session or key whose rights changed. */
  onAccess: (listener: (id: string) => void) => () => void
  isListening: () => boolean
  /**
   * Whether this process leads in something that one process is to do: the first that asks does, until its connection
   * ends, and then the next that asks. Rejects while that cannot be known.
   */
  lead: (what: string) => Promise<boolean>
  onResume: (listener: () => void) => () => void
  close: () => Promise<void>
}

/** Backoff of the reconnects: 100 ms, doubled up to 5 s. */
const firstDelayMs = 100
const longestDelayMs = 5000
/** A half-open TCP connection says nothing for hours; a question every 10 s finds it. */
const checkEveryMs = 10_000
/** Keeps the advisory locks of leaders apart from all others in this database. */
const leadSeed = 7_246_329_403

/** Starts listening; resolves when the first connection listens, rejects when it cannot be made. */
export async function listen(connection: PoolConfig, onProblem: (error: unknown) => void): Promise<Listener> {
  const projects = new Map<string, Set<(message: StreamMessage) => void>>()
  const work = new Set<(by?: string) => void>()
  const access = new Set<(id: string) => void>()
  const resumes = new Set<() => void>()
  const leads = new Set<string>()
  const closing = new AbortController()
  let client: pg.Client | undefined
  let check: NodeJS.Timeout | undefined
  let isListening = false

  function heard({ channel, payload = '' }: pg.Notification): void {
    if (channel === workChannel) {
      for (const listener of work) listener(payload)
    }
    else if (channel === accessChannel) {
      for (const listener of access) listener(payload)
    }
    else if (channel === streamChannel) {
      // Our own append() wrote it.
      const message = JSON.parse(payload) as StreamMessage
      for (const listener of projects.get(message.projectId) ?? []) listener(message)
    }
  }

  async function connect(): Promise<void> {
    const next = new pg.Client({
      ...connection,
      application_name: 'howdah listen',
      keepAlive: true,
      connectionTimeoutMillis: 5000,
      query_timeout: 5000,
    })
    let hasEnded = false
    next.on('error', onProblem)
    next.once('end', () => {
      hasEnded = true
      if (client === next)
        lost()
    })
    next.on('notification', (notification) => {
      // One that comes before the listeners know that there was a gap is part of the gap.
      if (client === next)
        heard(notification)
    })
    try {
      await next.connect()
      await next.query(`listen ${streamChannel}; listen ${workChannel}; listen ${accessChannel}`)
      if (hasEnded || closing.signal.aborted)
        throw new Error('Connection terminated as soon as it was made')
    }
    catch (error) {
      void next.end().catch(onProblem)
      throw error
    }
    client = next
    isListening = true
    check = setInterval(() => void next.query('select 1').catch(() => next.end().catch(onProblem)), checkEveryMs)
  }

  function lost(): void {
    clearInterval(check)
    client = undefined
    isListening = false
    leads.clear()
    if (!closing.signal.aborted)
      void reconnect()
  }

  async function reconnect(): Promise<void> {
    for (let wait = firstDelayMs; !closing.signal.aborted; wait = Math.min(wait * 2, longestDelayMs)) {
      try {
        await delay(wait, undefined, { signal: closing.signal })
        await connect()
      }
      catch (error) {
        if (!closing.signal.aborted)
          onProblem(error)
        continue
      }
      for (const listener of [...resumes, ...work])
        listener()
      return
    }
  }

  await connect()
  return {
    subscribe(projectId, listener) {
      const listeners = projects.get(projectId) ?? new Set()
      projects.set(projectId, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && projects.get(projectId) === listeners)
          projects.delete(projectId)
      }
    },
    onWork: listener => added(work, listener),
    onAccess: listener => added(access, listener),
    onResume: listener => added(resumes, listener),
    isListening: () => isListening,
    async lead(what) {
      const asked = client
      if (!asked)
        throw new Error('Connection terminated: nobody knows who leads')
      if (!leads.has(what)) {
        const { rows: [row] } = await asked.query<{ leads: boolean }>('select pg_try_advisory_lock(hashtextextended($1, $2)) as leads', [what, leadSeed])
        // The lock is the session's: with a later one it is not ours.
        if (row?.leads && client === asked)
          leads.add(what)
      }
      return leads.has(what)
    },
    async close() {
      closing.abort()
      clearInterval(check)
      await client?.end().catch(onProblem)
    },
  }
}

function added<T>(set: Set<T>, item: T): () => void {
  set.add(item)
  return () => void set.delete(item)
}
