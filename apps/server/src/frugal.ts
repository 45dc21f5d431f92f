import process from 'node:process'

/** Of the young objects of V8. At its own limit of 16 MB and more, a busy minute leaves 30 MB that nothing needs any more. */
const nodeFlag = '--max-semi-space-size=4'

/**
 * glibc keeps what was freed: in an arena for each thread, and the more the larger the buffers were that came and went.
 * The backups of twenty small databases left 80 MB. With fixed limits, large buffers go back to the system at once.
 */
const allocatorLimits = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '65536',
}

/**
 * Replace this process by one that keeps little memory it does not use: the same program with the same arguments, of
 * which both the allocator and V8 hear at their start and never again. Children inherit nothing of it. A limit that
 * somebody set is left as it is.
 *
 * `compiled`: folder where it finds what was compiled before. Heard of at its start too, because the first file of
 * TypeScript that is not there loads what strips types, which takes 18 MB.
 */
export function becomeFrugal(compiled: string): void {
  const environment = { ...allocatorLimits, NODE_COMPILE_CACHE: compiled }
  if (process.execArgv.includes(nodeFlag)) {
    for (const [name, value] of Object.entries(environment)) {
      if (process.env[name] === value)
        delete process.env[name]
    }
    return
  }
  if (process.platform === 'linux' && process.execve)
    process.execve(process.execPath, [process.execPath, ...process.execArgv, nodeFlag, ...process.argv.slice(1)], { ...environment, ...process.env })
}
