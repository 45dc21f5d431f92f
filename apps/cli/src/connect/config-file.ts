import { readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { hasCode, StillHeld, withFileLock } from '@howdah/machine'
import { UsageError } from '../usage-error.ts'
import { SignInInUse } from './sign-in-in-use.ts'

/** A sign-in at one server. */
export interface Login {
  readonly email: string
  /** The project that commands are for when they name none. */
  readonly project: string
  readonly refreshToken: string
  /** Project → its short-lived token. */
  readonly tokens: Readonly<Record<string, { readonly token: string, readonly expiresAt: string }>>
}

/** What `howdah login` remembers, by the server's address. */
export interface ConfigFile {
  /** The server of commands that name none. */
  readonly current: string | null
  readonly logins: Readonly<Record<string, Login>>
}

const empty: ConfigFile = { current: null, logins: {} }

export function readConfig(path: string): ConfigFile {
  const text = readIfThere(path)
  if (text === undefined)
    return empty
  const value = parsed(path, text)
  if (typeof value !== 'object' || value === null || !('logins' in value) || typeof value.logins !== 'object')
    throw new UsageError(`${path} is not a configuration of howdah`, 'Delete it and sign in again: howdah login')
  // Only this module writes it.
  return value as ConfigFile
}

/** More than whoever renews a token gives the server to answer, which is the 60 s of the SDK. */
const patienceMs = 90_000

/** Change the file while no other process does: a refresh token that two use ends the session. */
export async function updateConfig(path: string, change: (current: ConfigFile) => Promise<ConfigFile>, withinMs = patienceMs): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const changed = withFileLock(`${path}.lock`, async () => {
    const current = readConfig(path)
    const next = await change(current)
    if (next === current)
      return
    const draft = `${path}.${process.pid}`
    await writeFile(draft, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 })
    await rename(draft, path)
  }, withinMs)
  await changed.catch((error: unknown) => {
    throw error instanceof StillHeld ? new SignInInUse(error.holder) : error
  })
}

/** What a server on this machine left for us: its address and an API key. */
export function readLocal(path: string): { readonly url: string, readonly token: string } | undefined {
  const text = readIfThere(path)
  if (text === undefined)
    return undefined
  const value = parsed(path, text)
  return typeof value === 'object' && value !== null && 'url' in value && 'token' in value
    ? { url: String(value.url), token: String(value.token) }
    : undefined
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  }
  catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES'))
      return undefined
    throw error
  }
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  }
  catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 'Delete it and sign in again: howdah login')
  }
}
