import { getProject } from '../../../domain/projects.ts'
import { route } from '../../route.ts'
import { projectView } from '../../views/project.ts'

export const get = route('projects.get', async ({ domain, caller, params }) => {
  return { status: 200, body: projectView(await getProject(domain, caller, params.project)) }
})
