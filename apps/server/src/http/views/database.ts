import type { Database, Phase } from '@howdah/contract'
import type { DatabaseRow } from '../../store/databases.ts'
import { actionsBesideGit, allowedActions } from '@howdah/contract'
import { keepJson } from '../kept-json.ts'

export function databaseView(project: { name: string }, row: DatabaseRow): Database {
  const { observed } = row
  // The closed sets of the contract are what the program writes into these columns.
  const phase = row.phase as Phase
  return {
    id: row.id,
    name: row.name,
    project: project.name,
    location: row.location,
    managedBy: row.managed_by as Database['managedBy'],
    from: row.origin && { database: row.origin.database, kind: row.origin.kind, value: row.origin.value },
    labels: row.labels,
    version: row.version,
    serverVersion: observed?.serverVersion ?? null,
    instances: row.instances,
    storageGib: row.storage_gib,
    cpu: row.cpu || null,
    memoryMib: row.memory_mib || null,
    durability: row.durability as Database['durability'],
    parameters: row.parameters,
    extensions: row.extensions,
    allowedCidrs: row.allowed_cidrs,
    backup: row.backup,
    lastDrill: row.last_drill,
    maintenanceWindow: row.maintenance_window as Database['maintenanceWindow'],
    expiresAt: row.expires_at?.toISOString() ?? null,
    undoUntil: observed?.undo?.until ?? null,
    deletionProtection: row.deletion_protection,
    phase,
    reason: row.reason,
    message: row.message,
    since: row.since.toISOString(),
    allowedActions: allowedActions[phase].filter(action => row.managed_by !== 'git' || actionsBesideGit.includes(action)),
    pendingRestart: observed?.pendingRestart ?? [],
    members: observed?.members ?? [],
    endpoint: observed?.endpoint
      ? {
          host: observed.endpoint.host,
          port: observed.endpoint.port,
          ...(observed.endpoint.readOnlyPort === undefined
            ? {}
            : { readOnlyPort: observed.endpoint.readOnlyPort }),
          tls: true,
          ...(observed.endpoint.sslNegotiation === undefined
            ? {}
            : { sslNegotiation: observed.endpoint.sslNegotiation }),
        }
      : null,
    storageUsedBytes: observed?.storageUsedBytes ?? null,
    connections: observed?.connections ?? null,
    operation: row.operation_id,
    scheduledOperation: row.scheduled_operation_id,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    generation: row.generation,
  }
}

const views = new WeakMap<DatabaseRow, Database>()

/** The same view for the same row (see DatabaseReader), made once. */
export function keptDatabaseView(project: { name: string }, row: DatabaseRow): Database {
  const known = views.get(row)
  // Projects can be renamed.
  if (known?.project === project.name)
    return known
  const view = keepJson(databaseView(project, row))
  views.set(row, view)
  return view
}

/** What `If-Match` compares: the spec's generation, so that a mere change of phase does not refuse a change. */
export function databaseHeaders(row: DatabaseRow): Record<string, string> {
  return { ETag: `"${row.generation}"`, Location: `/api/databases/${row.name}` }
}
