import type { LogRecord } from '@howdah/sdk'
import { computed, onUnmounted, ref, shallowRef, watch } from 'vue'
import { client } from './session.ts'

export const severities = ['DEBUG', 'INFO', 'NOTICE', 'LOG', 'WARNING', 'ERROR', 'FATAL', 'PANIC'] as const

export interface LogFilter {
  readonly name: string
  readonly severity: string
  readonly contains: string
  /** RFC 3339; empty: from now on. */
  readonly until: string
}

/** As many as a page can hold without becoming slow; the oldest go first. */
const most = 100_000
const pageSize = 1000

/** PostgreSQL's own log: the newest page, older ones when asked, and what is written from now on. Oldest first. */
export function useServerLogs(filter: () => LogFilter) {
  const records = shallowRef<LogRecord[]>([])
  const error = shallowRef<unknown>()
  const isFollowing = ref(true)
  const isLoading = ref(false)
  const olderCursor = ref<string | null>(null)
  let stop = new AbortController()
  /** What came while paused or since the last frame. */
  let waiting: LogRecord[] = []
  let frame = 0

  const query = computed(() => {
    const { severity, contains, until } = filter()
    const least = severities.find(known => known === severity)
    return {
      ...(least && { severity: least }),
      ...(contains && { contains }),
      ...(until && !Number.isNaN(Date.parse(until)) && { to: new Date(until).toISOString() }),
    }
  })

  async function read(cursor: string | undefined, signal: AbortSignal): Promise<LogRecord[]> {
    const page = await client.databases.serverLogs(filter().name, { ...query.value, limit: pageSize }, { signal }).page(cursor)
    olderCursor.value = page.nextCursor
    return page.items.toReversed()
  }

  function flush(): void {
    frame = 0
    if (waiting.length === 0 || !isFollowing.value)
      return
    // A new array: whoever got the old one as a property would not see that it grew.
    const all = records.value.concat(waiting)
    waiting = []
    records.value = all.length > most ? all.slice(-most) : all
  }

  async function run(signal: AbortSignal): Promise<void> {
    isLoading.value = true
    try {
      records.value = await read(undefined, signal)
      isLoading.value = false
      const { to, ...live } = query.value
      if (to !== undefined)
        return
      for await (const record of client.databases.followServerLogs(filter().name, live, { signal })) {
        waiting.push(record)
        if (waiting.length >= 2 * most)
          waiting = waiting.slice(-most)
        frame ||= requestAnimationFrame(flush)
      }
    }
    catch (caught) {
      if (!signal.aborted)
        error.value = caught
    }
    finally {
      isLoading.value = false
    }
  }

  function restart(): void {
    stop.abort()
    stop = new AbortController()
    waiting = []
    error.value = undefined
    records.value = []
    void run(stop.signal)
  }

  async function loadOlder(): Promise<number> {
    if (olderCursor.value === null || isLoading.value)
      return 0
    isLoading.value = true
    try {
      const older = await read(olderCursor.value, stop.signal)
      records.value = [...older, ...records.value]
      return older.length
    }
    catch (caught) {
      error.value = caught
      return 0
    }
    finally {
      isLoading.value = false
    }
  }

  watch(() => [filter().name, JSON.stringify(query.value)], restart, { immediate: true })
  watch(isFollowing, () => flush())
  onUnmounted(() => {
    stop.abort()
    cancelAnimationFrame(frame)
  })
  return { records, error, isFollowing, isLoading, hasOlder: computed(() => olderCursor.value !== null), loadOlder, restart }
}
