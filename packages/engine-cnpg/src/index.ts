export type { Bucket, BucketOptions } from './bucket.ts'
/**
 * The Kubernetes driver: databases as CloudNativePG clusters.
 *
 * Invariants:
 * - Nothing is kept but in the cluster: what is in effect stands in an annotation of the Cluster.
 * - Server-side apply with one field manager, never forced: what somebody else owns is reported as a conflict.
 * - The operator's word is never enough: ready is a database whose address answered a login.
 * - Secrets are read by name, never listed or watched. The owner's Secret holds a SCRAM verifier.
 *
 * It must not know HTTP routes, the store or the wire form of anything of ours.
 */
export { createCnpgEngine } from './engine.ts'
export type { CnpgEngineOptions, InstallationId } from './options.ts'
