/** Settings that follow from the size of a database. */
export interface Size {
  readonly memoryMib: number
  readonly cpu: number
}

/**
 * The usual rules of PostgreSQL's manual and of PGTune for a mixed load: a quarter of the memory is shared buffers, a
 * few hundred connections at most, and what is left is shared out among them.
 */
export function memorySettings({ memoryMib, cpu }: Size): Record<string, string> {
  const sharedBuffers = Math.max(16, Math.round(memoryMib / 4))
  const maxConnections = clamp(Math.round(memoryMib / 9), 50, 500)
  const workers = Math.max(1, Math.ceil(cpu))
  // Each connection may use a few times work_mem; 3 is PGTune's guess for a mixed load.
  const workMemKib = clamp(Math.floor((memoryMib - sharedBuffers) * 1024 / (maxConnections * 3)), 1024, 256 * 1024)
  return {
    shared_buffers: `${sharedBuffers}MB`,
    effective_cache_size: `${Math.max(32, Math.round(memoryMib * 3 / 4))}MB`,
    maintenance_work_mem: `${clamp(Math.round(memoryMib / 16), 16, 2048)}MB`,
    work_mem: `${workMemKib}kB`,
    wal_buffers: `${clamp(Math.round(sharedBuffers / 32), 1, 16)}MB`,
    max_connections: String(maxConnections),
    max_worker_processes: String(Math.max(8, workers)),
    max_parallel_workers: String(workers),
    max_parallel_workers_per_gather: String(Math.max(0, Math.floor(workers / 2))),
    max_parallel_maintenance_workers: String(Math.max(0, Math.floor(workers / 2))),
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
