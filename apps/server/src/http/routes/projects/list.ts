import { listProjects } from '../../../domain/projects.ts'
import { route } from '../../route.ts'
import { projectView } from '../../views/project.ts'

export const list = route('projects.list', async ({ domain, caller, query }) => {
  const { rows, nextCursor } = await listProjects(domain, caller, query)
  return { status: 200, body: { items: rows.map(projectView), nextCursor } }
})
