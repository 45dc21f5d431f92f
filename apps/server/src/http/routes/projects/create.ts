import { createProject } from '../../../domain/projects.ts'
import { remember } from '../../idempotency.ts'
import { route } from '../../route.ts'
import { projectView } from '../../views/project.ts'

export const create = route('projects.create', async ({ domain, caller, body, idempotency }) => {
  const project = await createProject(domain, caller, body, remember(domain, idempotency, value => ({ status: 201, body: projectView(value) })))
  return { status: 201, body: projectView(project), headers: { Location: `/api/projects/${project.row.name}` } }
})
