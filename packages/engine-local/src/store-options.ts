import type { StoreSettings } from './archive/object-store.ts'
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { EngineError } from '@howdah/engine'

/** Where archives are kept, as an operator says it. Credentials stand beside the address, never in it. */
export type StoreOptions
  = | { readonly kind: 'folder', readonly path: string }
    | {
      readonly kind: 's3'
      /** `s3://BUCKET/PREFIX?endpoint=https://NAME:PORT&region=REGION&pathStyle=false&ca=FILE` */
      readonly url: string
      readonly accessKeyId?: string
      readonly secretAccessKey?: string
      /** As other programs for S3 have it: `aws_access_key_id = …` and `aws_secret_access_key = …`. */
      readonly credentialsFile?: string
    }

const known = ['endpoint', 'region', 'pathStyle', 'ca']

/** What the programs that use the store are told. Throws `invalid` with what is wrong. */
export async function readStoreOptions(options: StoreOptions): Promise<StoreSettings> {
  if (options.kind === 'folder') {
    if (!isAbsolute(options.path))
      throw wrong('The folder of the archives must be an absolute path.')
    return options
  }
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined
  if (url?.protocol !== 's3:' || url.hostname === '' || url.username !== '' || url.password !== '')
    throw wrong('The address of the archives must be like s3://bucket/prefix?endpoint=https://s3.example.org&region=eu01, without credentials.')
  const stranger = [...url.searchParams.keys()].find(name => !known.includes(name))
  if (stranger !== undefined)
    throw wrong(`The address of the archives has the parameter ${stranger}; there are ${known.join(', ')}.`)
  const region = url.searchParams.get('region') ?? 'us-east-1'
  const endpoint = url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol) || new URL(endpoint).origin !== endpoint.replace(/\/$/, ''))
    throw wrong('The endpoint in the address of the archives must be like https://s3.example.org, without a path.')
  const prefix = url.pathname.replaceAll(/^\/+|\/+$/g, '')
  if (!/^(?:[\w.-]+(?:\/[\w.-]+)*)?$/.test(prefix))
    throw wrong('The prefix in the address of the archives may have letters, digits, dots, hyphens, underscores and slashes.')
  const ca = url.searchParams.get('ca')
  return {
    kind: 's3',
    endpoint: new URL(endpoint).origin,
    region,
    bucket: url.hostname,
    prefix,
    pathStyle: url.searchParams.get('pathStyle') !== 'false',
    ...ca === null ? {} : { ca: await readText(ca, 'the certificates that vouch for the archives') },
    ...await credentials(options),
  }
}

async function credentials({ accessKeyId, credentialsFile, secretAccessKey }: Extract<StoreOptions, { kind: 's3' }>): Promise<{ accessKeyId: string, secretAccessKey: string }> {
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { accessKeyId, secretAccessKey }
  if (credentialsFile === undefined)
    throw wrong('The archives are in S3, but there is no access key: give a file with one, or both of its parts.')
  const text = await readText(credentialsFile, 'the access key of the archives')
  if (((await stat(credentialsFile)).mode & 0o007) !== 0)
    throw wrong(`${credentialsFile} can be read by everybody. Run: chmod 600 ${credentialsFile}`)
  const [id, secret] = ['aws_access_key_id', 'aws_secret_access_key'].map(name => new RegExp(`^\\s*${name}\\s*=\\s*(\\S+)\\s*$`, 'm').exec(text)?.[1])
  if (id === undefined || secret === undefined)
    throw wrong(`${credentialsFile} must have a line aws_access_key_id = … and a line aws_secret_access_key = ….`)
  return { accessKeyId: id, secretAccessKey: secret }
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  }
  catch (error) {
    throw wrong(`The file with ${what} cannot be read: ${path}.`, error)
  }
}

function wrong(message: string, cause?: unknown): EngineError {
  return new EngineError('invalid', message, { cause })
}
