/** Test-only helpers. Nothing that ships may import this package. */
export { expectGolden } from './golden.ts'
export type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from './scripted-server.ts'
export { scriptedServer } from './scripted-server.ts'
export { temporaryFolder } from './temporary-folder.ts'
export type { TemporaryDatabase, TemporaryPostgres } from './temporary-postgres.ts'
export { temporaryPostgres } from './temporary-postgres.ts'
export { until } from './until.ts'
