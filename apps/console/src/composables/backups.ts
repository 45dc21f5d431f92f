import type { RestorePoint } from '@howdah/sdk'
import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue } from 'vue'
import { useInside } from './inside.ts'
import { keys } from './keys.ts'
import { queryClient } from './query-client.ts'
import { client } from './session.ts'

/** The end of a window moves with the clock, and no event says so. */
const windowMs = 15_000

/** Complete ones, newest first. */
export function useBackups(name: MaybeRefOrGetter<string>, isEnabled: MaybeRefOrGetter<boolean> = true) {
  return useInside(name, 'backups', (database, signal) => client.backups.list(database, { signal }).toArray(), { isEnabled })
}

export function useRestorePoints(name: MaybeRefOrGetter<string>, isEnabled: MaybeRefOrGetter<boolean> = true) {
  return useInside(name, 'restore-points', (database, signal) => client.restorePoints.list(database, { signal }).toArray(), { isEnabled })
}

export function useRestoreWindow(name: MaybeRefOrGetter<string>) {
  return useInside(name, 'restore-window', (database, signal) => client.backups.restoreWindow(database, { signal }), { everyMs: windowMs })
}

/** Its end is known when it is answered: there is no operation to wait for. */
export async function createRestorePoint(name: string, point: string): Promise<RestorePoint> {
  const made = await client.restorePoints.create(name, point)
  await queryClient.invalidateQueries({ queryKey: keys.inside(name, 'restore-points') })
  return made
}

/** Databases that began as this one was. */
export function useBranches(name: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => keys.branches(toValue(name))),
    queryFn: ({ signal }) => client.databases.branches(toValue(name), { signal }).toArray(),
  })
}

/** The end of it stays where it is: nothing is written any more. */
export function useDeletedWindow(id: MaybeRefOrGetter<string>, isEnabled: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: computed(() => keys.deletedWindow(toValue(id))),
    queryFn: ({ signal }) => client.backups.deletedWindow(toValue(id), { signal }),
    enabled: computed(() => toValue(isEnabled)),
  })
}

/** Databases that are gone, and whose archives are kept for a while. */
export function useDeletedDatabases(isEnabled: MaybeRefOrGetter<boolean> = true) {
  return useQuery({
    queryKey: keys.deletedDatabases,
    queryFn: ({ signal }) => client.backups.listDeleted({ signal }).toArray(),
    enabled: computed(() => toValue(isEnabled)),
    // Nothing tells when the time of one is over.
    staleTime: 0,
  })
}

/** What of its schema is otherwise than in the database that it began as. SQL changes it, of which no event tells. */
export function useSchemaDiff(name: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => keys.schemaDiff(toValue(name))),
    queryFn: ({ signal }) => client.databases.schemaDiff(toValue(name), {}, { signal }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
}
