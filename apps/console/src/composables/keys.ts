/** Keys of what was read from the API: one place, so that what changes it can find it. */
export const keys = {
  capabilities: ['capabilities'],
  databaseLists: ['databases', 'list'],
  databaseList: (filter: object) => ['databases', 'list', filter],
  database: (name: string) => ['databases', 'one', name],
  /** Users, logical databases, catalogues: everything that an operation on the database may change. */
  insideOf: (name: string) => ['inside', name],
  inside: (name: string, what: string, ...rest: readonly unknown[]) => ['inside', name, what, ...rest],
  metrics: (name: string, hours: number) => ['metrics', name, hours],
  events: (name: string) => ['events', name],
  operationLists: ['operations', 'list'],
  operationList: (filter: object) => ['operations', 'list', filter],
  operation: (id: string) => ['operations', 'one', id],
  auditLists: ['audit'],
  audit: (filter: object) => ['audit', filter],
  projects: ['project'],
  project: (name: string) => ['project', name],
  members: (project: string) => ['project', project, 'members'],
  apiKeys: ['api-keys'],
  people: ['people'],
} as const
