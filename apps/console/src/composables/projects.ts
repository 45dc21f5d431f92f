import type { Project, ProjectCreate, ProjectUpdate } from '@howdah/sdk'
import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue } from 'vue'
import { useRouter } from 'vue-router'
import { explain } from '../utils/explain.ts'
import { keys } from './keys.ts'
import { useNotices } from './notices.ts'
import { queryClient } from './query-client.ts'
import { client, useSession } from './session.ts'

/** The person's projects; all of them for an operator. */
export function useProjects() {
  return useQuery({
    queryKey: keys.projects,
    queryFn: ({ signal }) => client.projects.list({ signal }).toArray(),
    staleTime: 0,
  })
}

export function useProject(name: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => keys.project(toValue(name))),
    queryFn: ({ signal }) => client.projects.get(toValue(name), { signal }),
    staleTime: 0,
  })
}

/** Leave for another project, and its databases. */
export function useProjectSwitch() {
  const router = useRouter()
  const { tell } = useNotices()
  const { switchProject } = useSession()
  return async (name: string): Promise<void> => {
    try {
      await switchProject(name)
      await router.push('/databases')
    }
    catch (error) {
      tell(explain(error).title, 'bad')
    }
  }
}

/** Changes also reach what the session knows: the switcher lists the person's projects. */
export function useProjectChanges() {
  const { load } = useSession()
  async function refreshed<T>(change: Promise<T>): Promise<T> {
    const result = await change
    await Promise.all([queryClient.invalidateQueries({ queryKey: keys.projects }), load()])
    return result
  }
  return {
    create: (body: ProjectCreate): Promise<Project> => refreshed(client.projects.create(body)),
    update: (name: string, body: ProjectUpdate): Promise<Project> => refreshed(client.projects.update(name, body)),
    remove: (name: string): Promise<void> => refreshed(client.projects.delete(name)),
  }
}
