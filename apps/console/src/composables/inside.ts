import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue } from 'vue'
import { keys } from './keys.ts'
import { client } from './session.ts'

/** What is inside one database; read again when an operation on it ends. */
export function useInside<T>(
  name: MaybeRefOrGetter<string>,
  what: string,
  read: (name: string, signal: AbortSignal) => Promise<T>,
  { isEnabled = true, everyMs = false }: { readonly isEnabled?: MaybeRefOrGetter<boolean>, readonly everyMs?: number | false } = {},
) {
  return useQuery({
    queryKey: computed(() => keys.inside(toValue(name), what)),
    queryFn: ({ signal }) => read(toValue(name), signal),
    enabled: computed(() => toValue(isEnabled)),
    refetchInterval: everyMs,
  })
}

export function useUsers(name: MaybeRefOrGetter<string>) {
  return useInside(name, 'users', (database, signal) => client.users.list(database, { signal }).toArray())
}

export function useDbs(name: MaybeRefOrGetter<string>) {
  return useInside(name, 'dbs', (database, signal) => client.dbs.list(database, { signal }).toArray())
}

export function useExtensions(name: MaybeRefOrGetter<string>) {
  return useInside(name, 'extensions', (database, signal) => client.databases.extensions(database, { signal }).toArray())
}

export function useParameters(name: MaybeRefOrGetter<string>) {
  return useInside(name, 'parameters', (database, signal) => client.databases.parameters(database, { signal }).toArray())
}
