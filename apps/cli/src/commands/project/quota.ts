import { given } from '../../given.ts'
import { option } from '../../input/parameters.ts'
import { decimal, gibibytes, integer, mebibytes } from '../../input/values.ts'

/** Limits of a project; `none` takes one away. */
export const quotaParameters = {
  databases: option('--quota-databases <count>', 'most databases, or none', limit(integer), { field: '/quota/databases' }),
  storage: option('--quota-storage <size>', 'most storage, or none', limit(gibibytes), { field: '/quota/storageGib' }),
  cpu: option('--quota-cpu <cores>', 'most cores, or none', limit(decimal), { field: '/quota/cpu' }),
  memory: option('--quota-memory <size>', 'most memory, or none', limit(mebibytes), { field: '/quota/memoryMib' }),
}

type Limit = number | null | undefined

export function quotaOf({ databases, storage, cpu, memory }: { readonly databases: Limit, readonly storage: Limit, readonly cpu: Limit, readonly memory: Limit }) {
  const quota = given({ databases, storageGib: storage, cpu, memoryMib: memory })
  return Object.keys(quota).length > 0 ? { quota } : {}
}

function limit(parse: (text: string) => number): (text: string) => number | null {
  return text => text === 'none' ? null : parse(text)
}
