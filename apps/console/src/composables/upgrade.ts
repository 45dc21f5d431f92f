import type { MaybeRefOrGetter } from 'vue'
import { useInside } from './inside.ts'
import { client } from './session.ts'

/** What a database can become, and what the last rehearsal found. */
export function useUpgrade(name: MaybeRefOrGetter<string>) {
  return useInside(name, 'upgrade', (database, signal) => client.databases.getUpgrade(database, { signal }))
}
