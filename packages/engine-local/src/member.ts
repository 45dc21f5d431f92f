import type { DatabasePaths } from './paths.ts'
import { bootId } from './boot.ts'
import { readJson, writeAtomically } from './files.ts'

/** What is written of a member of the pool: a folder that waits to become a database. */
export interface Member {
  readonly format: 1
  /** Name of the template that it is a copy of. */
  readonly template: string
  /**
   * When it was made. It does not outlive the machine's running: which of the writes that make it somebody's a power
   * cut has lost, nobody could tell.
   */
  readonly boot: string | undefined
}

export async function writeMember(paths: DatabasePaths, template: string): Promise<void> {
  const member: Member = { format: 1, template, boot: await bootId() }
  await writeAtomically(paths.member, JSON.stringify(member), { mode: 0o600, durable: false })
}

/** Undefined when there is none that could still be used. */
export async function readMember(paths: DatabasePaths): Promise<Member | undefined> {
  const member = await readJson(paths.member) as Member | undefined // our own file, written whole
  return member?.boot !== undefined && member.boot === await bootId() ? member : undefined
}
