import type { Database, DatabaseCreate, DatabaseUpdate, DatabaseUpdateOptions, Operation, Phase } from '@howdah/sdk'
import type { MaybeRefOrGetter } from 'vue'
import { replaceEqualDeep, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, toValue } from 'vue'
import { newest } from '../utils/newest.ts'
import { keys } from './keys.ts'
import { queryClient } from './query-client.ts'
import { client } from './session.ts'

/** Connections, and bytes used and behind, move without anybody being called for each. */
const countsEveryMs = 10_000

export interface DatabaseFilter {
  readonly q: string
  readonly phase: string
  readonly label: string
}

/** Databases of the project, page by page. */
export function useDatabaseList(filter: MaybeRefOrGetter<DatabaseFilter>) {
  return useInfiniteQuery({
    queryKey: computed(() => keys.databaseList(toValue(filter))),
    queryFn: ({ pageParam, signal }) => {
      const { q, phase, label } = toValue(filter)
      return client.databases.list({
        ...(q && { q }),
        // The address may hold anything; the server says what is not a phase.
        ...(phase && { phase: [phase as Phase] }),
        ...(label && { label: label.split(',').map(part => part.trim()).filter(Boolean) }),
      }, { signal }).page(pageParam)
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: before => before,
  })
}

export function useDatabase(name: MaybeRefOrGetter<string>, isEnabled = true) {
  return useQuery({
    queryKey: computed(() => keys.database(toValue(name))),
    queryFn: ({ signal }) => client.databases.get(toValue(name), { signal }),
    enabled: isEnabled,
    refetchInterval: ({ state }) => state.status === 'success' && countsEveryMs,
    // What it has become since the question was asked may be known already.
    structuralSharing: (before, after) => replaceEqualDeep(before, newest(before as Database | undefined, after as Database)), // both are answers of queryFn
  })
}

export function useCapabilities() {
  return useQuery({
    queryKey: keys.capabilities,
    queryFn: ({ signal }) => client.system.capabilities({ signal }),
  })
}

function keep(database: Database): void {
  queryClient.setQueryData<Database>(keys.database(database.name), before => newest(before, database))
}

export async function createDatabase(body: DatabaseCreate): Promise<Database> {
  const database = await client.databases.create(body)
  keep(database)
  void queryClient.invalidateQueries({ queryKey: keys.databaseLists })
  return database
}

/** With `ifGeneration`, refused as stale when someone else has changed it since. */
export async function updateDatabase(name: string, body: DatabaseUpdate, options: DatabaseUpdateOptions = {}): Promise<Database> {
  const database = await client.databases.update(name, body, { ...options, dryRun: false })
  keep(database)
  if (database.operation === null)
    void queryClient.invalidateQueries({ queryKey: keys.insideOf(name) })
  return database
}

export const databaseActions = {
  'restart': { label: 'Restart', run: (name: string): Promise<Operation> => client.databases.restart(name), right: 'databases.operate' },
  'switchover': { label: 'Switch over', run: (name: string): Promise<Operation> => client.databases.switchover(name), right: 'databases.operate' },
  'hibernate': { label: 'Hibernate', run: (name: string): Promise<Operation> => client.databases.hibernate(name), right: 'databases.operate' },
  'resume': { label: 'Resume', run: (name: string): Promise<Operation> => client.databases.resume(name), right: 'databases.operate' },
  'rotate-credentials': { label: 'Rotate credentials', run: (name: string): Promise<Operation> => client.databases.rotateCredentials(name), right: 'databases.credentials' },
  'delete': { label: 'Delete', run: (name: string, keepVolumes = false): Promise<Operation> => client.databases.delete(name, { keepVolumes }), right: 'databases.delete' },
} as const
export type DatabaseActionName = keyof typeof databaseActions

/** Make this member the primary, rather than the replica that is furthest. */
export function switchOverTo(name: string, to: string): Promise<Operation> {
  return client.databases.switchover(name, { to })
}

/** What leaves the specification as it is, wherever that is kept. */
const besideGit: ReadonlySet<Database['allowedActions'][number]> = new Set(['restart', 'manage', 'backup'])

/** Why the action cannot be done now; undefined: it can. */
export function whyNot(database: Database, action: Database['allowedActions'][number], isPermitted: boolean): string | undefined {
  if (!isPermitted)
    return 'Your role does not allow it'
  if (database.managedBy === 'git' && !besideGit.has(action))
    return 'It is changed in Git'
  if (action === 'delete' && database.deletionProtection)
    return 'Deletion protection is on'
  if (action === 'switchover' && database.instances === 1)
    return 'It has no replica'
  return database.allowedActions.includes(action) ? undefined : `Not while it is ${database.phase}`
}
