import type { Project } from '@howdah/contract'
import type { SeenProject } from '../../domain/projects.ts'

export function projectView({ row, usage, role }: SeenProject): Project {
  const { databases = null, storageGib = null, cpu = null, memoryMib = null } = row.quota
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    role,
    quota: { databases, storageGib, cpu, memoryMib },
    usage: { ...usage },
    createdAt: row.created_at.toISOString(),
  }
}
