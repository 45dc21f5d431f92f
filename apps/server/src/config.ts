import type { PoolConfig } from 'pg'
import { existsSync, readFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import process from 'node:process'
import { parse, YAMLParseError } from 'yaml'

/** Every setting: what `docs/configuration.md` is made from. Nothing else reads `process.env`. */
export const configKeys = [
  { key: 'HOWDAH_DATA_DIR', default: '/var/lib/howdah as root, else $XDG_DATA_HOME/howdah', description: 'All state of the embedded mode: store, databases, binaries, secret key.' },
  { key: 'HOWDAH_HOST', default: '127.0.0.1', description: 'Address that the API listens on.' },
  { key: 'HOWDAH_PORT', default: '8080', description: 'Port that the API listens on; 0 lets the system choose.' },
  { key: 'HOWDAH_PUBLIC_URL', default: 'from host and port', description: 'Address that people use: links, cookies and the origin check follow it. With https, cookies are Secure.' },
  { key: 'HOWDAH_TRUST_PROXY', default: 'false', description: 'true: the client\'s address is taken from X-Forwarded-For. Only behind a proxy that sets it.' },
  {
    key: 'HOWDAH_DATABASE_URL',
    default: 'empty: embedded store',
    description: 'PostgreSQL of the control plane, 14 or newer.',
    secret: true,
  },
  { key: 'HOWDAH_DATABASE_POOL', default: '10', description: 'Most connections to the store, per process.' },
  { key: 'HOWDAH_ADMIN_EMAIL', default: 'admin@localhost', description: 'First start only: the first operator.' },
  {
    key: 'HOWDAH_ADMIN_PASSWORD',
    default: 'generated',
    description: 'First start only. A generated one is shown once in the terminal, never in a log file.',
    secret: true,
  },
  {
    key: 'HOWDAH_SECRET_KEY',
    default: 'generated, in the data directory with mode 0600',
    description: 'Encrypts stored secrets and signs tokens: 32 bytes in base64. Several after commas: the first one encrypts, all of them decrypt.',
    secret: true,
  },
  { key: 'HOWDAH_ROLES', default: 'api,worker', description: 'What this process does.' },
  { key: 'HOWDAH_HEALTH_PORT', default: 'empty: none', description: 'Port for /health, /ready and /metrics of a process that is a worker only.' },
  { key: 'HOWDAH_LOCATIONS', default: 'one location `local`', description: 'YAML or JSON file: a list of { name, engine, settings }. [What an engine\'s settings are](guides/kubernetes.md).' },
  { key: 'HOWDAH_DATABASE_HOST', default: '127.0.0.1', description: 'Address that databases of the default location listen on and that users are given.' },
  { key: 'HOWDAH_DATABASE_PORTS', default: '20000-29999', description: 'Ports for databases of the default location.' },
  { key: 'HOWDAH_BACKUP_DIR', default: '`backups` in the data directory', description: 'Folder for the archives of databases of the default location: better on another disk.' },
  { key: 'HOWDAH_BACKUP_URL', default: 'empty: a folder', description: 'Bucket for the archives of databases of the default location: s3://BUCKET/PREFIX?endpoint=https://NAME. [All of it](guides/backup.md#keep-archives-in-s3).' },
  { key: 'HOWDAH_BACKUP_CREDENTIALS', default: 'empty', description: 'File with the access key for HOWDAH_BACKUP_URL: lines `aws_access_key_id = …` and `aws_secret_access_key = …`.' },
  { key: 'HOWDAH_BACKUP_ACCESS_KEY_ID', default: 'empty', description: 'The access key, where there is no such file.' },
  {
    key: 'HOWDAH_BACKUP_SECRET_ACCESS_KEY',
    default: 'empty',
    description: 'Its secret.',
    secret: true,
  },
  { key: 'HOWDAH_WARM_POOL', default: '8', description: 'Prepared databases that the default location keeps ready; 0 prepares none.' },
  { key: 'HOWDAH_POSTGRES_ACCOUNT', default: 'howdah, else postgres, else made', description: 'As root only: the account that PostgreSQL runs as.' },
  { key: 'HOWDAH_LOG_LEVEL', default: 'info', description: 'trace, debug, info, warn, error or silent.' },
  { key: 'HOWDAH_LOG_FORMAT', default: 'pretty on a terminal, else json', description: 'pretty or json.' },
  { key: 'HOWDAH_WORKER_CONCURRENCY', default: '8', description: 'Operations that one worker runs at the same time.' },
] as const satisfies readonly { key: string, default: string, description: string, secret?: boolean }[]

export interface LocationConfig {
  readonly name: string
  /** Which driver; compose.ts knows them. */
  readonly engine: string
  readonly settings: Readonly<Record<string, unknown>>
}

/** As the driver takes it, which says what is wrong with it. */
export interface BucketConfig {
  readonly url: string
  readonly credentialsFile?: string
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
}

/** The location that is there when none is configured: databases on this machine. */
export interface EmbeddedConfig {
  readonly host: string
  readonly portRange: readonly [number, number]
  readonly poolSize: number
  /** Folder of the archives, or bucket; left out: the driver's choice, beside the data. */
  readonly backups?: string | BucketConfig
}

export interface Config {
  readonly dataDir: string
  readonly host: string
  readonly port: number
  /** Undefined: made from the address that was bound. */
  readonly publicUrl: string | undefined
  readonly trustProxy: boolean
  /** Undefined: embedded store. */
  readonly database: PoolConfig | undefined
  readonly databasePool: number
  readonly admin: { readonly email: string, readonly password: string | undefined }
  /** Undefined: the file in the data directory. */
  readonly secretKeys: readonly string[] | undefined
  /** Account that PostgreSQL runs as under root; undefined: the driver's choice. */
  readonly postgresAccount: string | undefined
  readonly roles: { readonly api: boolean, readonly worker: boolean }
  /** Undefined: a worker without the API listens nowhere. */
  readonly healthPort: number | undefined
  /** Undefined: one location on this machine, with the settings of `embedded`. */
  readonly locations: readonly LocationConfig[] | undefined
  readonly embedded: EmbeddedConfig
  readonly log: { readonly level: string, readonly format: 'pretty' | 'json' }
  readonly workerConcurrency: number
}

/** All that is wrong with the configuration, at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration is not right:\n${problems.map(problem => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

type Env = Readonly<Record<string, string | undefined>>

/** Keys of the CLI, which may stand in the same environment. */
const foreignKeys = new Set([
  'HOWDAH_URL',
  'HOWDAH_TOKEN',
  'HOWDAH_PROJECT',
  'HOWDAH_CONFIG',
])

export function readConfig(env: Env = process.env): Config {
  const problems: string[] = []
  const text = (key: string): string | undefined => env[key]?.trim() || undefined
  const number = (key: string, fallback: number, min: number, max: number): number => {
    const value = text(key)
    if (value === undefined)
      return fallback
    if (!/^\d+$/.test(value) || Number(value) < min || Number(value) > max) {
      problems.push(`${key} must be a whole number from ${min} to ${max}, not "${value}"`)
      return fallback
    }
    return Number(value)
  }
  const choice = <const T extends string>(key: string, choices: readonly T[], fallback: T): T => {
    const value = text(key) ?? fallback
    if (choices.includes(value as T))
      return value as T
    problems.push(`${key} must be one of ${choices.join(', ')}, not "${value}"`)
    return fallback
  }
  const url = (key: string, protocols: readonly string[]): URL | undefined => {
    const value = text(key)
    if (value === undefined)
      return undefined
    // The value may hold a password, so it is not repeated.
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      problems.push(`${key} must be an address that begins with ${protocols.map(protocol => `${protocol}//`).join(' or ')}`)
      return undefined
    }
    return new URL(value)
  }

  for (const key of Object.keys(env)) {
    if (key.startsWith('HOWDAH_') && !configKeys.some(known => known.key === key) && !foreignKeys.has(key) && !key.startsWith('HOWDAH_TEST_'))
      problems.push(`${key} is not a setting; see docs/configuration.md`)
  }

  const roles = (text('HOWDAH_ROLES') ?? 'api,worker').split(',').map(role => role.trim())
  for (const role of roles.filter(role => role !== 'api' && role !== 'worker'))
    problems.push(`HOWDAH_ROLES knows api and worker, not "${role}"`)

  const secretKeys = text('HOWDAH_SECRET_KEY')?.split(',').map(key => key.trim())
  if (secretKeys?.some(key => !/^[A-Z0-9+/]{43}=$/i.test(key)))
    problems.push('HOWDAH_SECRET_KEY must be 32 bytes in base64; make one with: openssl rand -base64 32')

  const adminPassword = text('HOWDAH_ADMIN_PASSWORD')
  if (adminPassword !== undefined && (adminPassword.length < 12 || adminPassword.length > 256))
    problems.push('HOWDAH_ADMIN_PASSWORD must have 12 to 256 characters')
  const adminEmail = text('HOWDAH_ADMIN_EMAIL') ?? 'admin@localhost'
  if (!/^[^@\s]+@[^@\s]+$/.test(adminEmail) || adminEmail.length > 254)
    problems.push(`HOWDAH_ADMIN_EMAIL must be an e-mail address, not "${adminEmail}"`)

  const publicUrl = url('HOWDAH_PUBLIC_URL', ['http:', 'https:'])
  if (publicUrl && (publicUrl.pathname !== '/' || publicUrl.search !== '' || publicUrl.username !== ''))
    problems.push('HOWDAH_PUBLIC_URL must be a scheme, a name and a port only: it is served from the root of its address')
  const database = url('HOWDAH_DATABASE_URL', ['postgres:', 'postgresql:'])

  const config: Config = {
    dataDir: resolve(text('HOWDAH_DATA_DIR') ?? defaultDataDir(text('XDG_DATA_HOME'))),
    host: text('HOWDAH_HOST') ?? '127.0.0.1',
    port: number('HOWDAH_PORT', 8080, 0, 65535),
    publicUrl: publicUrl?.origin,
    trustProxy: choice('HOWDAH_TRUST_PROXY', ['true', 'false'], 'false') === 'true',
    database: database
      ? { connectionString: database.href }
      : undefined,
    databasePool: number('HOWDAH_DATABASE_POOL', 10, 2, 1000),
    admin: { email: adminEmail, password: adminPassword },
    secretKeys,
    postgresAccount: text('HOWDAH_POSTGRES_ACCOUNT'),
    roles: {
      api: roles.includes('api'),
      worker: roles.includes('worker'),
    },
    healthPort: text('HOWDAH_HEALTH_PORT') === undefined ? undefined : number('HOWDAH_HEALTH_PORT', 0, 0, 65535),
    locations: text('HOWDAH_LOCATIONS') ? readLocations(text('HOWDAH_LOCATIONS')!, problems) : undefined,
    embedded: readEmbedded(text, number, problems),
    log: {
      level: choice('HOWDAH_LOG_LEVEL', [
        'trace',
        'debug',
        'info',
        'warn',
        'error',
        'silent',
      ], 'info'),
      format: choice('HOWDAH_LOG_FORMAT', ['pretty', 'json'], process.stdout.isTTY ? 'pretty' : 'json'),
    },
    workerConcurrency: number('HOWDAH_WORKER_CONCURRENCY', 8, 1, 256),
  }
  if (problems.length > 0)
    throw new ConfigError(problems)
  return Object.freeze(config)
}

/** As root the account that PostgreSQL runs as must be able to enter it, which it cannot below /root. */
function defaultDataDir(xdgDataHome: string | undefined): string {
  if (process.getuid?.() === 0)
    return '/var/lib/howdah'
  return join(xdgDataHome ?? join(homedir() || userInfo().homedir, '.local', 'share'), 'howdah')
}

function readEmbedded(text: (key: string) => string | undefined, number: (key: string, fallback: number, min: number, max: number) => number, problems: string[]): EmbeddedConfig {
  const ports = /^(\d+)-(\d+)$/.exec(text('HOWDAH_DATABASE_PORTS') ?? '20000-29999')
  const from = Number(ports?.[1])
  const to = Number(ports?.[2])
  if (!ports || from < 1024 || to > 65535 || from > to)
    problems.push('HOWDAH_DATABASE_PORTS must be a range such as 20000-29999, between 1024 and 65535')
  const backups = readBackups(text, problems)
  return {
    host: text('HOWDAH_DATABASE_HOST') ?? '127.0.0.1',
    portRange: [from, to],
    poolSize: number('HOWDAH_WARM_POOL', 8, 0, 1000),
    ...backups === undefined ? {} : { backups },
  }
}

function readBackups(text: (key: string) => string | undefined, problems: string[]): string | BucketConfig | undefined {
  const [folder, url] = [text('HOWDAH_BACKUP_DIR'), text('HOWDAH_BACKUP_URL')]
  if (folder !== undefined && url !== undefined)
    problems.push('HOWDAH_BACKUP_DIR and HOWDAH_BACKUP_URL both say where archives are; set one of them')
  if (folder !== undefined && !isAbsolute(folder))
    problems.push('HOWDAH_BACKUP_DIR must be an absolute path')
  if (url === undefined)
    return folder
  const [credentialsFile, accessKeyId, secretAccessKey] = [text('HOWDAH_BACKUP_CREDENTIALS'), text('HOWDAH_BACKUP_ACCESS_KEY_ID'), text('HOWDAH_BACKUP_SECRET_ACCESS_KEY')]
  if (credentialsFile === undefined && (accessKeyId === undefined || secretAccessKey === undefined))
    problems.push('HOWDAH_BACKUP_URL needs HOWDAH_BACKUP_CREDENTIALS, or HOWDAH_BACKUP_ACCESS_KEY_ID and HOWDAH_BACKUP_SECRET_ACCESS_KEY')
  return {
    url,
    ...credentialsFile === undefined ? {} : { credentialsFile },
    ...accessKeyId === undefined ? {} : { accessKeyId },
    ...secretAccessKey === undefined ? {} : { secretAccessKey },
  }
}

function readLocations(path: string, problems: string[]): LocationConfig[] {
  if (!existsSync(path)) {
    problems.push(`HOWDAH_LOCATIONS names a file that is not there: ${path}`)
    return []
  }
  let content: unknown
  try {
    content = parse(readFileSync(path, 'utf8'))
  }
  catch (error) {
    problems.push(`HOWDAH_LOCATIONS cannot be read: ${whyUnreadable(error)}`)
    return []
  }
  if (!Array.isArray(content) || content.length === 0) {
    problems.push('HOWDAH_LOCATIONS must hold a list with at least one { name, engine, settings }')
    return []
  }
  const names = new Set<string>()
  return content.flatMap((entry: unknown, index) => {
    const { name, engine, settings = {} } = (entry ?? {}) as Record<string, unknown>
    if (typeof name !== 'string' || !/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(name) || names.has(name)) {
      problems.push(`HOWDAH_LOCATIONS entry ${index + 1}: name must be a DNS label that no other entry has`)
      return []
    }
    names.add(name)
    if (typeof engine !== 'string' || typeof settings !== 'object' || settings === null) {
      problems.push(`HOWDAH_LOCATIONS ${name}: needs engine (text) and, if it has any, settings (a map)`)
      return []
    }
    return [
      { name, engine, settings: settings as Record<string, unknown> },
    ]
  })
}

/** Without the lines that the parser quotes: settings of a location may hold a secret. */
function whyUnreadable(error: unknown): string {
  if (error instanceof YAMLParseError)
    return `${error.code.toLowerCase().replaceAll('_', ' ')} in line ${error.linePos?.[0].line ?? '?'}`
  return error instanceof Error ? error.message : String(error)
}
