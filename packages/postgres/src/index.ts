/**
 * What every driver knows about PostgreSQL, whatever runs it: names that are ours, SCRAM verifiers, pinned sessions,
 * roles and what they may, extensions and parameters on offer, positions in the WAL, what of it can be restored, and
 * how what was restored is looked at.
 *
 * It works through the `Server` that a driver gives it. It must not start a process, know where a server runs, or import
 * a driver.
 */
export type { Canary } from './canary.ts'
export { writeCanary } from './canary.ts'
export type { Catalogue, Setting } from './catalogue.ts'
export { readCatalogue } from './catalogue.ts'
export { checkData } from './data-checks.ts'
export { dataGrantsFor } from './data-grants.ts'
export { endSegment } from './end-segment.ts'
export { applyExtensions, bringExtension, listExtensions } from './extensions.ts'
export { knownCatalogue } from './known-catalogue.ts'
export { matchesLogQuery, severityOf } from './log-query.ts'
export { dropLogicalDatabase, ensureLogicalDatabase, listLogicalDatabases } from './logical-databases.ts'
export { memorySettings } from './memory.ts'
export { maintenanceDatabase, monitorRole, readerRole, replicationRole, superuserRole, writerRole } from './names.ts'
export { isForUsers } from './parameter-catalogue.ts'
export { listParameters } from './parameters.ts'
export { disproofOf, parseProof, verdictOf } from './proof.ts'
export { refusalsOf } from './refusals.ts'
export type { BackupMark, Choice, Era, Present, Span } from './restore-window.ts'
export { chooseBackup, nothingYet, spansOf, unsureMs } from './restore-window.ts'
export { dropRole, ensureRole, grantDataAccess, isRole, listRoles } from './roles.ts'
export { listSchemaObjects } from './schema-objects.ts'
export { iterationsForMachines, matchesVerifier, scramVerifier } from './scram.ts'
export type { Server } from './server.ts'
export type { Address, OpenSession, Session, SessionLimits } from './sessions.ts'
export { addressConfig, monitorConfig, openSession, superuserConfig, withClient } from './sessions.ts'
export type { Settings } from './settings.ts'
export { defaultSettings } from './settings.ts'
export type { PresentOn } from './spans-along.ts'
export { spansAlong } from './spans-along.ts'
export { quoteIdentifier, quoteLiteral } from './sql.ts'
export type { Line, LineEra } from './timelines.ts'
export { leadsTo, lineOf, segmentsOn } from './timelines.ts'
export { isExcludedExtension, isExcludedFile } from './untrusted.ts'
export { letGo, readConnections, readUsage, transactionsPerSecond } from './vitals.ts'
export type { Segment } from './wal-names.ts'
export { endOfSegment, formatLsn, newestSegments, parseLsn, segmentAt, segmentBefore, segmentName, segmentOf } from './wal-names.ts'
