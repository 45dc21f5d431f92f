import type { ExecConfig } from './exec-credential.ts'
import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { EngineError } from '@howdah/engine'
import { parse } from 'yaml'
import { execCredential } from './exec-credential.ts'

/** How a cluster's API is reached. */
export interface Access {
  readonly server: string
  readonly ca?: Buffer
  readonly isInsecure?: boolean
  readonly serverName?: string
  /** Asked before each request: a token or a certificate may have been renewed. */
  readonly credential: () => Promise<Credential>
}

export interface Credential {
  readonly token?: string
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
}

/** Where Kubernetes puts what a pod needs to speak to its API. */
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Access of the pod that we run in. Its token is renewed on disk, so it is read again for each request. */
export async function inClusterAccess(folder = serviceAccount): Promise<Access> {
  return {
    server: 'https://kubernetes.default.svc',
    ca: await readOrRefuse(resolve(folder, 'ca.crt'), 'This is not a pod with a service account; name a kubeconfig in the settings of the location.'),
    credential: async () => ({ token: (await readFile(resolve(folder, 'token'), 'utf8')).trim() }),
  }
}

/** Access by a kubeconfig file: certificates, tokens and exec plugins. */
export async function kubeconfigAccess(path: string, contextName?: string): Promise<Access> {
  const config = parse((await readOrRefuse(path, 'The kubeconfig of the location cannot be read.')).toString('utf8')) as Kubeconfig // checked below, field by field
  const name = contextName ?? config['current-context']
  const context = named(config.contexts, name)?.context
  const cluster = named(config.clusters, context?.cluster)?.cluster
  const user = named(config.users, context?.user)?.user ?? {}
  if (!cluster?.server)
    throw new EngineError('unavailable', `The kubeconfig has no context "${name ?? ''}" with a server.`)
  const folder = dirname(path)
  const data = async (inline: string | undefined, file: string | undefined): Promise<Buffer | undefined> => {
    if (inline !== undefined)
      return Buffer.from(inline, 'base64')
    return file === undefined ? undefined : await readFile(resolve(folder, file))
  }
  const ca = await data(cluster['certificate-authority-data'], cluster['certificate-authority'])
  const { exec } = user
  const renewed = exec && execCredential(exec, folder)
  return {
    server: cluster.server,
    ...ca ? { ca } : {},
    ...cluster['insecure-skip-tls-verify'] ? { isInsecure: true } : {},
    ...cluster['tls-server-name'] ? { serverName: cluster['tls-server-name'] } : {},
    credential: async () => {
      if (renewed)
        return await renewed()
      const [cert, key] = await Promise.all([
        data(user['client-certificate-data'], user['client-certificate']),
        data(user['client-key-data'], user['client-key']),
      ])
      const token = user.tokenFile === undefined
        ? user.token
        : (await readFile(resolve(folder, user.tokenFile), 'utf8')).trim()
      return {
        ...token === undefined ? {} : { token },
        ...cert && key ? { cert, key } : {},
      }
    },
  }
}

interface Kubeconfig {
  readonly 'current-context'?: string
  readonly 'contexts'?: readonly { readonly name: string, readonly context?: { readonly cluster?: string, readonly user?: string } }[]
  readonly 'clusters'?: readonly { readonly name: string, readonly cluster?: KubeconfigCluster }[]
  readonly 'users'?: readonly { readonly name: string, readonly user?: KubeconfigUser }[]
}

interface KubeconfigCluster {
  readonly 'server'?: string
  readonly 'certificate-authority'?: string
  readonly 'certificate-authority-data'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
  readonly 'tls-server-name'?: string
}

interface KubeconfigUser {
  readonly 'client-certificate'?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key'?: string
  readonly 'client-key-data'?: string
  readonly 'token'?: string
  readonly 'tokenFile'?: string
  readonly 'exec'?: ExecConfig
}

function named<T extends { readonly name: string }>(list: readonly T[] | undefined, name: string | undefined): T | undefined {
  return list?.find(item => item.name === name)
}

async function readOrRefuse(path: string, hint: string): Promise<Buffer> {
  try {
    return await readFile(path)
  }
  catch (error) {
    throw new EngineError('unavailable', hint, { cause: error })
  }
}
