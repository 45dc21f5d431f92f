import type { LogRecord } from '@howdah/sdk'
import { computed, onUnmounted, ref, shallowRef, watch } from 'vue'
import { joinRecords } from '../utils/join-records.ts'
import { client } from './session.ts'
import { withStreamSlot } from './stream-slot.ts'
import { useVisible } from './visible.ts'

export const severities = ['DEBUG', 'INFO', 'NOTICE', 'LOG', 'WARNING', 'ERROR', 'FATAL', 'PANIC'] as const

export interface LogFilter {
  readonly name: string
  readonly severity: string
  readonly contains: string
  /** One instance of several; empty: all of them, as one log. */
  readonly member: string
  /** RFC 3339; empty: since there are records. */
  readonly from: string
  /** RFC 3339; empty: followed from now on. */
  readonly to: string
}

/** As many as a page can hold without becoming slow; the oldest go first. */
const most = 100_000
const pageSize = 1000
/** How often a log is asked that cannot be followed. */
const askMs = 2000

/** The address may hold anything. */
const isTime = (text: string) => !Number.isNaN(Date.parse(text))

/**
 * PostgreSQL's own log: the newest page, older ones when asked, and what is written from now on. Oldest first.
 * Following holds one of the browser's few connections: a tab that nobody looks at gives it back, and reads what it has
 * missed when it is looked at again; when other tabs hold them all, it asks from time to time instead.
 */
export function useServerLogs(filter: () => LogFilter) {
  const isVisible = useVisible()
  const records = shallowRef<LogRecord[]>([])
  const error = shallowRef<unknown>()
  const isFollowing = ref(true)
  const isLoading = ref(false)
  const olderCursor = ref<string | null>(null)
  let stop = new AbortController()
  /** What came while paused, while the page before it was read, or since the last frame. */
  let waiting: LogRecord[] = []
  let frame = 0

  const live = computed(() => {
    const { severity, contains, member } = filter()
    const least = severities.find(known => known === severity)
    return {
      ...(least && { severity: least }),
      ...(contains && { contains }),
      ...(member && { member }),
    }
  })
  const query = computed(() => {
    const { from, to } = filter()
    return {
      ...live.value,
      ...(isTime(from) && { from: new Date(from).toISOString() }),
      ...(isTime(to) && { to: new Date(to).toISOString() }),
    }
  })

  async function page(cursor: string | undefined, signal: AbortSignal): Promise<{ items: LogRecord[], nextCursor: string | null }> {
    const { items, nextCursor } = await client.databases.serverLogs(filter().name, { ...query.value, limit: pageSize }, { signal }).page(cursor)
    return { items: items.toReversed(), nextCursor }
  }

  /** The newest page, after what is known already. */
  async function readNewest(signal: AbortSignal): Promise<void> {
    isLoading.value = true
    try {
      const { items, nextCursor } = await page(undefined, signal)
      const isFirst = records.value.length === 0
      const joined = isFirst ? items : joinRecords(records.value, items)
      records.value = joined ?? items
      if (isFirst || !joined)
        olderCursor.value = nextCursor
    }
    finally {
      isLoading.value = false
    }
  }

  function flush(): void {
    frame = 0
    if (waiting.length === 0 || !isFollowing.value || isLoading.value)
      return
    // A new array: whoever got the old one as a property would not see that it grew. What follows has no hole.
    const all = joinRecords(records.value, waiting) ?? records.value.concat(waiting)
    waiting = []
    records.value = all.length > most ? all.slice(-most) : all
  }
  const showSoon = () => frame ||= requestAnimationFrame(flush)

  async function run(signal: AbortSignal): Promise<void> {
    const fail = (caught: unknown) => {
      if (!signal.aborted)
        error.value = caught
    }
    const catchUp = async () => {
      if (isFollowing.value)
        await readNewest(signal).then(showSoon, fail)
    }
    const listen = async () => {
      for await (const record of client.databases.followServerLogs(filter().name, live.value, { signal, onConnected: () => void catchUp() })) {
        waiting.push(record)
        if (waiting.length >= 2 * most)
          waiting = waiting.slice(-most)
        showSoon()
      }
    }
    // Before it is followed, so that a log which cannot be followed is shown all the same; and when it is, for what came between.
    try {
      await readNewest(signal)
      if ('to' in query.value)
        return
      while (!signal.aborted && !await withStreamSlot(listen)) {
        await new Promise(resolve => setTimeout(resolve, askMs))
        await catchUp()
      }
    }
    catch (caught) {
      fail(caught)
    }
  }

  function follow(): void {
    stop.abort()
    stop = new AbortController()
    if (isVisible.value)
      void run(stop.signal)
  }

  function restart(): void {
    waiting = []
    error.value = undefined
    records.value = []
    follow()
  }

  async function loadOlder(): Promise<number> {
    if (olderCursor.value === null || isLoading.value)
      return 0
    isLoading.value = true
    try {
      const { items, nextCursor } = await page(olderCursor.value, stop.signal)
      records.value = [...items, ...records.value]
      olderCursor.value = nextCursor
      return items.length
    }
    catch (caught) {
      error.value = caught
      return 0
    }
    finally {
      isLoading.value = false
    }
  }

  // A text: a new list of the same parts would begin anew whenever the database is heard of.
  watch(() => JSON.stringify([filter().name, query.value]), restart, { immediate: true })
  watch(isVisible, follow)
  watch(isFollowing, (now) => {
    flush()
    // Whoever pauses may have been away, too.
    if (now)
      follow()
  })
  onUnmounted(() => {
    stop.abort()
    cancelAnimationFrame(frame)
  })
  return { records, error, isFollowing, isLoading, hasOlder: computed(() => olderCursor.value !== null), loadOlder, restart }
}
