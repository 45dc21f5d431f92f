import type { RestoreTarget } from '@howdah/engine'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { EngineError } from '@howdah/engine'
import { inspectArchives, restoreIntoFolder } from './compose.ts'
import { createSecretBox } from './domain/sealed.ts'
import { parseSecretKeys } from './secret-key.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * `archive inspect PLACE` and `archive restore PLACE DATABASE FOLDER`: what is left to do when there is no control plane any more, with
 * the installation's key and the archives. The answer is JSON on standard output, for the command that people use.
 */
export async function archiveCommand(words: readonly string[]): Promise<void> {
  const { positionals: [verb, place = '', database, folder], values } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      credentials: { type: 'string' },
      verify: { type: 'boolean' },
      at: { type: 'string' },
      lsn: { type: 'string' },
      point: { type: 'string' },
      backup: { type: 'string' },
    },
  })
  const report = process.stderr.isTTY ? (text: string) => void process.stderr.write(`\r\u001B[K  ${text}`) : () => {}
  try {
    const store = place.startsWith('s3://')
      ? { kind: 's3', url: place, credentialsFile: fileOfAccessKey(values.credentials) } as const
      : { kind: 'folder', path: await existing(place) } as const
    const keys = createSecretBox(parseSecretKeys(await readKeyFile(values.key), 'The key file')).deriveAll
    switch (verb) {
      case 'inspect':
        return answer(await inspectArchives({ store, keys, report, isVerified: values.verify ?? false, ...database === undefined ? {} : { database } }))
      case 'restore':
        if (database === undefined || folder === undefined)
          throw new EngineError('invalid', 'A restore needs the database and a folder.')
        return answer(await restoreIntoFolder({ archives: { store, keys }, database: await idOf(database, store, keys), target: targetOf(values), folder, report, log: silent }))
      default:
        throw new EngineError('invalid', `There is no archive ${verb ?? 'command'}; there are inspect and restore.`)
    }
  }
  catch (error) {
    answer({ error: error instanceof Error ? error.message : String(error) })
    process.exitCode = 1
  }
  finally {
    if (process.stderr.isTTY)
      process.stderr.write('\r\u001B[K')
  }
}

function answer(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

/** A name stands for the one archive whose database was called so. */
async function idOf(nameOrId: string, store: Parameters<typeof inspectArchives>[0]['store'], keys: Parameters<typeof inspectArchives>[0]['keys']): Promise<string> {
  const found = (await inspectArchives({ store, keys })).filter(({ id, name }) => id === nameOrId || name === nameOrId)
  const [first] = found
  if (!first)
    throw new EngineError('not-found', `There is no archive of "${nameOrId}". See them all: howdah backup inspect PLACE`)
  if (found.length > 1)
    throw new EngineError('invalid', `"${nameOrId}" was the name of several databases: ${found.map(({ id }) => id).join(', ')}. Name one by its id.`)
  return first.id
}

function targetOf({ at, backup, lsn, point }: { readonly at?: string | undefined, readonly backup?: string | undefined, readonly lsn?: string | undefined, readonly point?: string | undefined }): RestoreTarget {
  if ([at, backup, lsn, point].filter(value => value !== undefined).length > 1)
    throw new EngineError('invalid', 'Only one of --at, --lsn, --point and --backup can be asked for.')
  if (at !== undefined) {
    if (Number.isNaN(Date.parse(at)))
      throw new EngineError('invalid', `"${at}" is no moment, such as 2026-11-30T11:59:00Z.`)
    return { kind: 'time', at: new Date(at) }
  }
  if (lsn !== undefined)
    return { kind: 'lsn', lsn }
  if (point !== undefined)
    return { kind: 'name', name: point }
  return backup === undefined ? { kind: 'latest' } : { kind: 'backup', backup }
}

async function readKeyFile(path: string | undefined): Promise<string> {
  if (path === undefined)
    throw new EngineError('invalid', 'The archives are sealed: give the key of the installation, --key FILE. It is secret.key in its data directory.')
  try {
    return await readFile(path, 'utf8')
  }
  catch (error) {
    throw new EngineError('invalid', `The key file cannot be read: ${path}.`, { cause: error })
  }
}

function fileOfAccessKey(path: string | undefined): string {
  if (path === undefined)
    throw new EngineError('invalid', 'The archives are in S3: give the access key, --credentials FILE, with a line aws_access_key_id = … and a line aws_secret_access_key = ….')
  return path
}

async function existing(path: string): Promise<string> {
  const isFolder = path !== '' && await stat(path).then(found => found.isDirectory(), () => false)
  if (!isFolder)
    throw new EngineError('invalid', `There is no folder ${path}; archives are in a folder or at an s3:// address.`)
  return resolve(path)
}
