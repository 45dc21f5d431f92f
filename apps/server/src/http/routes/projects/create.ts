import type { SeenProject } from '../../../domain/projects.ts'
import { remember } from '../../../domain/idempotency.ts'
import { createProject } from '../../../domain/projects.ts'
import { route } from '../../route.ts'
import { projectView } from '../../views/project.ts'

function answer(project: SeenProject) {
  return { status: 201 as const, body: projectView(project), headers: { Location: `/api/projects/${project.row.name}` } }
}

export const create = route('projects.create', async ({ domain, caller, body, idempotency }) => {
  return answer(await createProject(domain, caller, body, remember(domain, idempotency, answer)))
})
