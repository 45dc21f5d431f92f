import type { Database, Operation, StreamEvent } from '@howdah/sdk'
import type { InfiniteData } from '@tanstack/vue-query'
import { hasEnded } from '@howdah/sdk'
import { ref } from 'vue'
import { keys } from './keys.ts'
import { queryClient } from './query-client.ts'
import { client } from './session.ts'

interface Listed<T> { readonly items: readonly T[], readonly nextCursor: string | null }
type Pages<T> = InfiniteData<Listed<T>>

/** False: what is shown may be old, because the server cannot be heard. */
export const isLive = ref(true)
let stop: AbortController | undefined

/** Keep everything that is shown as the server says: one stream for the whole page, which patches what was read. */
export function startLive(): void {
  stop?.abort()
  const { signal } = stop = new AbortController()
  void run(signal)
}

export function stopLive(): void {
  stop?.abort()
  isLive.value = true
}

async function run(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const events = client.events.stream({
        signal,
        onConnected: ({ resumed }) => {
          isLive.value = true
          if (!resumed)
            void queryClient.invalidateQueries()
        },
        onDisconnected: () => isLive.value = signal.aborted,
      })
      for await (const event of events)
        apply(event)
    }
    catch {
      // Not reachable, or signed out: the banner and the sign-in say so; the queries say what is wrong.
      isLive.value = signal.aborted
    }
    if (!signal.aborted)
      await new Promise(resolve => setTimeout(resolve, 1000))
  }
}

function apply(event: StreamEvent): void {
  if (event.kind === 'reset')
    void queryClient.invalidateQueries()
  if (event.database)
    applyDatabase(event.database)
  if (event.operation)
    applyOperation(event.operation)
  if (event.kind === 'event')
    void queryClient.invalidateQueries({ queryKey: keys.events(event.name) })
  if (event.kind === 'database-deleted')
    removeDatabase(event.name)
}

function applyDatabase(database: Database): void {
  queryClient.setQueryData<Database>(keys.database(database.name), before => before && before.id === database.id && before.generation > database.generation ? before : database)
  if (!patchPages(keys.databaseLists, database, ({ name }) => name === database.name))
    void queryClient.invalidateQueries({ queryKey: keys.databaseLists })
}

function applyOperation(operation: Operation): void {
  queryClient.setQueryData(keys.operation(operation.id), operation)
  // Whoever asked for it left an entry.
  void queryClient.invalidateQueries({ queryKey: keys.auditLists })
  if (!patchPages(keys.operationLists, operation, ({ id }) => id === operation.id))
    void queryClient.invalidateQueries({ queryKey: keys.operationLists })
  if (hasEnded(operation))
    void queryClient.invalidateQueries({ queryKey: keys.insideOf(operation.database) })
}

function removeDatabase(name: string): void {
  queryClient.setQueriesData<Pages<Database>>({ queryKey: keys.databaseLists }, data => data && {
    ...data,
    pages: data.pages.map(page => ({ ...page, items: page.items.filter(database => database.name !== name) })),
  })
  void queryClient.invalidateQueries({ queryKey: keys.database(name) })
}

/** Replace one item wherever it is listed. False: a list that is shown does not have it, and may have to. */
function patchPages<T extends object>(queryKey: readonly unknown[], item: T, isSame: (other: T) => boolean): boolean {
  let isEverywhere = true
  queryClient.setQueriesData<Pages<T>>({ queryKey }, (data) => {
    if (!data)
      return data
    const holds = data.pages.some(page => page.items.some(isSame))
    isEverywhere &&= holds
    return holds
      ? { ...data, pages: data.pages.map(page => page.items.some(isSame) ? { ...page, items: page.items.map(other => isSame(other) ? item : other) } : page) }
      : data
  })
  return isEverywhere
}
