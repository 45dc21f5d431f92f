/**
 * The API's contract: what is on the wire, who may call, what can go wrong. Routes, openapi.json, the SDK's types, the
 * CLI and the console derive from it. It compiles with nothing of the workspace and must stay free of behaviour.
 */
export * from './access.ts'
export * from './backups.ts'
export * from './common.ts'
export * from './database-users.ts'
export * from './databases.ts'
export * from './diagnosis.ts'
export * from './endpoint.ts'
export * from './endpoints.ts'
export * from './errors.ts'
export * from './history.ts'
export * from './maintenance.ts'
export * from './metrics.ts'
export * from './openapi.ts'
export * from './operations.ts'
export * from './permissions.ts'
export * from './phases.ts'
export * from './schema-diff.ts'
export * from './system.ts'
export * from './upgrades.ts'
