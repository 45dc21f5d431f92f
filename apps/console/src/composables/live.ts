import type { Database, Operation, StreamEvent } from '@howdah/sdk'
import type { InfiniteData } from '@tanstack/vue-query'
import { hasEnded } from '@howdah/sdk'
import { ref } from 'vue'
import { newest } from '../utils/newest.ts'
import { throttled } from '../utils/throttled.ts'
import { keys } from './keys.ts'
import { queryClient } from './query-client.ts'
import { followEvents } from './shared-events.ts'

interface Listed<T> { readonly items: readonly T[], readonly nextCursor: string | null }
type Pages<T> = InfiniteData<Listed<T>>

/** False: what is shown may be old, because the server cannot be heard. */
export const isLive = ref(true)
let stop: AbortController | undefined

/** A busy server must not make every open page read its lists for each event. */
const mostOftenMs = 1000
function reading(queryKey: readonly unknown[]): () => void {
  return throttled(() => refresh({ queryKey }), mostOftenMs)
}
const readDatabases = reading(keys.databaseLists)
const readOperations = reading(keys.operationLists)
const readAudit = reading(keys.auditLists)
const readBranches = reading(keys.allBranches)

/** Keep everything that is shown as the server says; `scope` names whose events these are. */
export function startLive(scope: string): void {
  stop?.abort()
  const { signal } = stop = new AbortController()
  followEvents(scope, {
    onEvent: apply,
    onLive: now => isLive.value = now,
    onGap: () => void refresh(),
  }, signal)
}

export function stopLive(): void {
  stop?.abort()
  isLive.value = true
}

function apply(event: StreamEvent): void {
  if (event.kind === 'reset')
    void refresh()
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
  queryClient.setQueryData<Database>(keys.database(database.name), before => newest(before, database))
  // Sorted by name: what comes after the pages that were read changes none of them.
  if (!patchPages(keys.databaseLists, database, ({ name }) => name === database.name, last => last.name < database.name) || isUnderWay(keys.databaseLists))
    readDatabases()
  if (database.from)
    readBranches()
}

function applyOperation(operation: Operation): void {
  queryClient.setQueryData(keys.operation(operation.id), operation)
  // Whoever asked for it left an entry.
  readAudit()
  if (!patchPages(keys.operationLists, operation, ({ id }) => id === operation.id) || isUnderWay(keys.operationLists))
    readOperations()
  if (hasEnded(operation))
    void queryClient.invalidateQueries({ queryKey: keys.insideOf(operation.database) })
}

function removeDatabase(name: string): void {
  queryClient.setQueriesData<Pages<Database>>({ queryKey: keys.databaseLists }, data => data && {
    ...data,
    pages: data.pages.map(page => ({ ...page, items: page.items.filter(database => database.name !== name) })),
  })
  if (isUnderWay(keys.databaseLists))
    readDatabases()
  void queryClient.invalidateQueries({ queryKey: keys.database(name) })
  void queryClient.invalidateQueries({ queryKey: keys.deletedDatabases })
  readBranches()
}

/** Read again. A first answer that is under way is not asked for anew by that, so it is read once more when it is there. */
async function refresh(filters: { readonly queryKey?: readonly unknown[] } = {}): Promise<void> {
  const first = queryClient.getQueryCache().findAll({ ...filters, fetchStatus: 'fetching' }).filter(({ state }) => state.data === undefined)
  await queryClient.invalidateQueries(filters)
  if (first.length > 0)
    await queryClient.invalidateQueries({ predicate: query => first.includes(query) })
}

/** An answer that is under way may be older than the event, and would undo it when it comes. */
function isUnderWay(queryKey: readonly unknown[]): boolean {
  return queryClient.isFetching({ queryKey }) > 0
}

/** Replace one item wherever it is listed. False: a list that is shown does not have it, and may have to. */
function patchPages<T extends object>(queryKey: readonly unknown[], item: T, isSame: (other: T) => boolean, isBeyond?: (last: T) => boolean): boolean {
  let isEverywhere = true
  queryClient.setQueriesData<Pages<T>>({ queryKey }, (data) => {
    if (!data)
      return data
    if (data.pages.some(page => page.items.some(isSame)))
      return { ...data, pages: data.pages.map(page => page.items.some(isSame) ? { ...page, items: page.items.map(other => isSame(other) ? item : other) } : page) }
    const { nextCursor, items } = data.pages.at(-1) ?? { nextCursor: null, items: [] }
    const last = items.at(-1)
    isEverywhere &&= nextCursor !== null && last !== undefined && isBeyond?.(last) === true
    return data
  })
  return isEverywhere
}
