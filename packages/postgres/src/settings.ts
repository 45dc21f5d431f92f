import type { DatabaseSpec } from '@howdah/engine'
import { memorySettings } from './memory.ts'

/** PostgreSQL settings by name, in PostgreSQL's own notation. */
export type Settings = Readonly<Record<string, string>>

/** What the user may change. */
export function defaultSettings(spec: Pick<DatabaseSpec, 'memoryMib' | 'cpu' | 'storageGib'>): Settings {
  return {
    ...memorySettings(spec),
    timezone: 'UTC',
    random_page_cost: '1.1',
    checkpoint_timeout: '5min',
    // A checkpoint should not fill a small disk with WAL.
    max_wal_size: `${Math.min(4096, Math.max(256, Math.round(spec.storageGib * 1024 / 10)))}MB`,
    min_wal_size: '80MB',
    wal_compression: 'on',
    // Many idle databases share a machine: these wake each of them once a second or less instead of five times.
    bgwriter_delay: '2s',
    wal_writer_delay: '1s',
    autovacuum_naptime: '1min',
    // Compiling a query costs more than it saves on small databases.
    jit: 'off',
    log_checkpoints: 'on',
    log_lock_waits: 'on',
    log_temp_files: '10MB',
    log_autovacuum_min_duration: '10s',
    log_min_duration_statement: '2s',
  }
}
