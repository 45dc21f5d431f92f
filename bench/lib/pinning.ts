import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { findProgram } from '../../tools/needs/find-program.ts'
import { treeOf } from './process-tree.ts'

const run = promisify(execFile)

/** Core of what is measured, and core of all that only serves to measure it. */
export const measuredCore = 0
export const otherCore = 1

export async function canPin(): Promise<boolean> {
  return availableParallelism() > 1 && await findProgram('taskset') !== undefined
}

/** Keep a process, with all its threads, on one core; also what it has started, where asked. */
export async function pin(pid: number, core: number, options: { readonly withChildren?: boolean } = {}): Promise<void> {
  if (!await canPin())
    return
  for (const one of options.withChildren ? await treeOf(pid) : [pid])
    await run('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(one)])
}
