import type { ClientOptions } from '@howdah/sdk'
import type { GlobalOptions } from '../context.ts'
import type { Terminal } from '../terminal.ts'
import { tokenSession } from '@howdah/sdk'
import { UsageError } from '../usage-error.ts'
import { readConfig, readLocal } from './config-file.ts'
import { loginStore } from './login-store.ts'
import { configPath, localPath } from './paths.ts'

const defaultUrl = 'http://127.0.0.1:8080'

/** Where a command goes, and as whom. */
export interface Connection {
  readonly url: string
  /** Where address and credential came from, in words. */
  readonly source: string
  readonly credential: Pick<ClientOptions, 'apiKey' | 'session'>
  /** The project that the credential is for, where that is known without asking. */
  readonly project: string | undefined
}

/** There is nothing to sign in with. */
export class NotSignedIn extends Error {
  override readonly name = 'NotSignedIn'
  readonly nextStep: string

  constructor(url: string | undefined) {
    super(url ? `There is no credential for ${url}.` : 'There is no credential, and no server on this machine that left one.')
    this.nextStep = `Sign in with \`howdah login${url ? ` --url ${url}` : ''}\`, set HOWDAH_TOKEN to an API key, or start a server here with \`howdah up\`.`
  }
}

/**
 * Flags and environment come first, then what `howdah login` remembers, then what a server on this machine left. The
 * most explicit one decides alone: an API key is never sent to an address that was not meant with it.
 */
export function findConnection(terminal: Terminal, options: GlobalOptions): Connection {
  const { env } = terminal
  const url = addressOf(options.url ?? env.HOWDAH_URL)
  const config = readConfig(configPath(env))
  const local = readLocal(localPath(env))

  if (env.HOWDAH_TOKEN) {
    return {
      url: url ?? config.current ?? local?.url ?? defaultUrl,
      source: 'the API key in HOWDAH_TOKEN',
      credential: { apiKey: env.HOWDAH_TOKEN },
      project: undefined,
    }
  }
  const at = url ?? config.current
  const login = at ? config.logins[at] : undefined
  if (at && login) {
    const project = options.project ?? env.HOWDAH_PROJECT ?? login.project
    return {
      url: at,
      source: `the sign-in of ${login.email} in ${configPath(env)}`,
      credential: { session: tokenSession(loginStore(configPath(env), at, project), { project }) },
      project,
    }
  }
  if (local && (at === null || at === local.url)) {
    return {
      url: local.url,
      source: `the API key that the server on this machine left in ${localPath(env)}`,
      credential: { apiKey: local.token },
      project: undefined,
    }
  }
  throw new NotSignedIn(at ?? undefined)
}

/** The address for `login`, which needs no credential yet. */
export function findAddress(terminal: Terminal, options: GlobalOptions): string {
  const { env } = terminal
  return addressOf(options.url ?? env.HOWDAH_URL) ?? readConfig(configPath(env)).current ?? readLocal(localPath(env))?.url ?? defaultUrl
}

function addressOf(text: string | undefined): string | null {
  if (!text)
    return null
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageError(`"${text}" is not an address`, 'Write it like https://howdah.example.org or http://127.0.0.1:8080.')
  return text.replace(/\/+$/, '')
}
