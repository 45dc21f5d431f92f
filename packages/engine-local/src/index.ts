export type { ArchiveOptions } from './archive-site.ts'
export type { ArchiveReport } from './backup/inspect.ts'
export { inspectArchives } from './backup/inspect.ts'
export type { RestoredFolder } from './backup/restore-into-folder.ts'
export { restoreIntoFolder } from './backup/restore-into-folder.ts'
export { createLocalEngine } from './engine.ts'
export type { Log } from './log.ts'
export { openBucket } from './open-bucket.ts'
export type { LocalEngineOptions } from './options.ts'
export type { PortRange } from './ports.ts'
/**
 * The local driver: PostgreSQL processes on this machine.
 *
 * Invariants:
 * - Servers are detached. They outlive the control plane and are adopted again, never started twice.
 * - Nothing on the request path runs `initdb`.
 * - Whatever is on disk under `databases/<id>` is whole: it gets there by one rename, and leaves by one.
 *
 * It must not know HTTP, the store or the wire form of anything.
 */
export type { PrivateConnection, PrivatePostgres, PrivatePostgresOptions } from './private-postgres.ts'
export { openPrivatePostgres } from './private-postgres.ts'
