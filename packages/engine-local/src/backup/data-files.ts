import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Folders that a server fills anew when it starts; PostgreSQL's own tool leaves their content out too. */
export const emptied = new Set(['pg_wal', 'pg_stat_tmp', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_subtrans'])
/** What belongs to the running server, or is written for the restored one. */
const leftOut = new Set(['postmaster.pid', 'postmaster.opts', 'backup_label', 'backup_label.old', 'tablespace_map', 'tablespace_map.old', 'recovery.signal', 'standby.signal', 'current_logfiles', 'backup_manifest'])
/** Says where recovery begins if there were no label: it has to be newer than everything else. */
const last = join('global', 'pg_control')

export interface DataFiles {
  readonly folders: readonly string[]
  readonly files: readonly string[]
}

/** What a base backup takes of a data folder, paths inside it, in the order in which it is read. */
export async function dataFiles(data: string): Promise<DataFiles> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true })
  const folders: string[] = []
  const files: string[] = []
  for (const entry of entries) {
    const path = relative(data, join(entry.parentPath, entry.name))
    const [top = ''] = path.split('/')
    if (entry.isDirectory() && !path.includes('pgsql_tmp') && (top === path || !emptied.has(top) || path === 'pg_wal/archive_status'))
      folders.push(path)
    else if (entry.isFile() && !emptied.has(top) && !isPassing(path, entry.name))
      files.push(path)
  }
  return { folders: folders.sort(), files: [...files.filter(path => path !== last).sort(), last] }
}

/** What of the top of a data folder does not go into a copy. */
export function isLeftOut(name: string): boolean {
  return leftOut.has(name) || name.endsWith('.tmp')
}

function isPassing(path: string, name: string): boolean {
  return leftOut.has(path) || name.startsWith('pg_internal.init') || path.includes('pgsql_tmp') || name.endsWith('.tmp')
}
