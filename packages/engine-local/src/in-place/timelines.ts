import type { Account } from '../account.ts'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '../files.ts'

/** Timelines that have written these files: segments, parts of them, and histories. */
export function timelinesAmong(names: Iterable<string>): number[] {
  return [...new Set([...names].map(name => /^([0-9A-F]{8})(?:[0-9A-F]{16}|\.history)/.exec(name)?.[1]).filter(hex => hex !== undefined).map(hex => Number.parseInt(hex, 16)))]
}

export async function timelinesIn(data: string): Promise<number[]> {
  return timelinesAmong(await readdir(join(data, 'pg_wal')))
}

/**
 * Have recovery begin a timeline that is none of these. PostgreSQL takes the first number without a history, and not all that are
 * taken have one where it looks. Answers how to take the stand-ins away again.
 */
export async function reserveTimelines(data: string, taken: readonly number[], account: Account | undefined): Promise<() => Promise<void>> {
  const folder = join(data, 'pg_wal')
  const there = new Set(await readdir(folder))
  const names = Array.from({ length: Math.max(1, ...taken) - 1 }, (_, index) => historyName(index + 2)).filter(name => !there.has(name))
  for (const name of names)
    await writeAtomically(join(folder, name), '', { mode: 0o600, owner: account, durable: false })
  return async () => {
    await Promise.all(names.map(async name => await rm(join(folder, name), { force: true })))
  }
}

export function historyName(timeline: number): string {
  return `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`
}
