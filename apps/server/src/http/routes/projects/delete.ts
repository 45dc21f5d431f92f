import { deleteProject } from '../../../domain/projects.ts'
import { route } from '../../route.ts'

export const remove = route('projects.delete', async ({ domain, services, caller, params }) => {
  await deleteProject(domain, services.access, caller, params.project)
  return { status: 204, body: undefined }
})
