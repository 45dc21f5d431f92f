import type { Person, PersonUpdate } from '@howdah/sdk'
import { useQuery } from '@tanstack/vue-query'
import { keys } from './keys.ts'
import { queryClient } from './query-client.ts'
import { client } from './session.ts'

/** Everybody who may sign in to this installation. For operators. */
export function usePeople() {
  return useQuery({
    queryKey: keys.people,
    queryFn: ({ signal }) => client.people.list({ signal }).toArray(),
    staleTime: 0,
  })
}

export async function updatePerson(person: Person, change: PersonUpdate): Promise<Person> {
  const changed = await client.people.update(person.id, change)
  await queryClient.invalidateQueries({ queryKey: keys.people })
  return changed
}

export async function deletePerson(person: Person): Promise<void> {
  await client.people.delete(person.id)
  await queryClient.invalidateQueries({ queryKey: keys.people })
}
