import { updateProject } from '../../../domain/projects.ts'
import { route } from '../../route.ts'
import { projectView } from '../../views/project.ts'

export const update = route('projects.update', async ({ domain, caller, params, body }) => {
  return { status: 200, body: projectView(await updateProject(domain, caller, params.project, body)) }
})
