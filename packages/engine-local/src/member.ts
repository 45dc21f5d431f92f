import type { Settings } from '@howdah/postgres'
import type { DatabasePaths } from './paths.ts'
import { randomBytes } from 'node:crypto'
import { bootId } from '@howdah/machine'
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
  /** Passwords that it may have instead of the template's, from before its server is first started. */
  readonly passwords?: Passwords
  /** What its server was started with, once that is ready to be claimed. */
  readonly server?: { readonly port: number } & StartedWith
}

/** What the server of a member reads at its start. */
export interface StartedWith {
  readonly settings: Settings
  readonly allowedCidrs: readonly string[]
}

/** Those of our roles. */
export interface Passwords {
  readonly superuserPassword: string
  readonly monitorPassword: string
}

export function newPasswords(): Passwords {
  return { superuserPassword: newPassword(), monitorPassword: newPassword() }
}

function newPassword(): string {
  return randomBytes(32).toString('base64url')
}

/** Note what it is a copy of. */
export async function markMember(paths: DatabasePaths, template: string): Promise<void> {
  await writeMember(paths, { format: 1, template, boot: await bootId() })
}

export async function writeMember(paths: DatabasePaths, member: Member): Promise<void> {
  await writeAtomically(paths.member, JSON.stringify(member), { mode: 0o600, durable: false })
}

/** Its server is stopped, and starts with other settings: whoever comes after us does not take it for the one that was. */
export async function forgetServer(paths: DatabasePaths): Promise<void> {
  const member = await readMember(paths)
  if (member?.server) {
    const { boot, format, passwords, template } = member
    await writeMember(paths, { format, template, boot, ...passwords && { passwords } })
  }
}

/** Undefined when there is none that could still be used. */
export async function readMember(paths: DatabasePaths): Promise<Member | undefined> {
  const member = await readJson(paths.member) as Member | undefined // our own file, written whole
  return member?.boot !== undefined && member.boot === await bootId() ? member : undefined
}
