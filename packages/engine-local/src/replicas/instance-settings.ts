import type { Settings } from '@howdah/postgres'
import type { Database, Instance } from '../database.ts'
import type { Topology } from './topology.ts'
import { join } from 'node:path'
import { replicationRole } from '@howdah/postgres'

/** The name of an instance to its primary: of its slot, and in `synchronous_standby_names`. */
export function replicationName(ordinal: number): string {
  return `howdah_${ordinal}`
}

/** What nobody is called. PostgreSQL takes an empty list of names for "do not wait", which is not what was asked. */
const nobody = 'howdah_nobody'

/**
 * WAL that is kept for replicas without a slot: after a change of roles the slots are made on the new primary only when
 * it has been promoted.
 */
const keptMb = 128

/** What differs between the instances of one database. Where there is only one, nothing does. */
export function instanceSettings(db: Database, { ordinal, paths, port }: Instance, settings: Settings, storageGib: number): Settings {
  const { topology } = db
  if (!topology)
    return settings
  return {
    ...settings,
    // Clients come through the gateway; nobody else has business here.
    listen_addresses: '127.0.0.1',
    port: String(port),
    hba_file: paths.hostAccess,
    log_directory: paths.log,
    ssl_cert_file: paths.certificate,
    ssl_key_file: paths.certificateKey,
    wal_keep_size: `${keptMb}MB`,
    // A replica that is away does not fill the disk: beyond this its slot is given up, and it is copied anew.
    max_slot_wal_keep_size: `${Math.max(1, Math.floor(storageGib / 10))}GB`,
    synchronous_standby_names: synchronousNames(topology, ordinal),
    // A replica whose primary was stopped, not ended, should know before anybody waits for it.
    wal_receiver_timeout: '10s',
    wal_sender_timeout: '10s',
    ...ordinal === topology.primary
      ? {}
      : { primary_conninfo: connectionText(db, paths.instance, ordinal), primary_slot_name: replicationName(ordinal) },
  }
}

/** Whom a commit on this instance waits for while it is the primary. */
function synchronousNames({ durability, members }: Topology, ordinal: number): string {
  if (durability === 'async')
    return ''
  const names = members.filter(member => member.ordinal !== ordinal && member.state === 'replica').map(member => replicationName(member.ordinal))
  return `ANY 1 (${names.length === 0 ? nobody : names.join(', ')})`
}

/** Over the Unix socket, which only the servers' account may enter. The password is in a file, because others may read this. */
function connectionText(db: Database, instance: string, ordinal: number): string {
  const pairs = { host: db.socketFolder, port: db.primary.port, user: replicationRole, application_name: replicationName(ordinal), passfile: passwordFile(instance) }
  return Object.entries(pairs).map(([name, value]) => `${name}='${String(value).replaceAll('\\', '\\\\').replaceAll('\'', '\\\'')}'`).join(' ')
}

export function passwordFile(instance: string): string {
  return join(instance, 'replication.pgpass')
}

export function passwordFileText({ replicationPassword }: Topology): string {
  return `*:*:*:${replicationRole}:${replicationPassword}\n`
}
