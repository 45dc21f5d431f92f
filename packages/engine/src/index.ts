/**
 * The engine port: what the control plane asks of whatever runs PostgreSQL for it.
 *
 * Invariants every driver keeps (the conformance suite holds them to it):
 * - Level-triggered: `ensure` compares the whole spec with what is there and moves one bounded step. It may be
 *   called again at any time, by another process, after a kill -9, and ends in the same state.
 * - Keyed by the database's `id`, never by its name: a name may come back after a delete.
 * - Honest: `ready` is reported only after a login through the address that the user was given answered.
 * - PostgreSQL gets SCRAM verifiers; passwords never reach argv, logs or statement texts.
 *
 * This package must not import anything of the workspace, spawn a process or talk to a network.
 */
export * from './backups.ts'
export * from './capabilities.ts'
export * from './cidr.ts'
export * from './engine.ts'
export * from './errors.ts'
export * from './logs.ts'
export * from './observed.ts'
export * from './plan.ts'
export * from './resources.ts'
export * from './schema.ts'
export * from './spec.ts'
export * from './upgrades.ts'
