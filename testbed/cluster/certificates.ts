import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from '../../tools/command.ts'
import { exists } from '../../tools/exists.ts'
import { folders } from './folders.ts'
import { apiServer, hostAddress, kubernetesService } from './layout.ts'

/** Paths of a certificate and its key. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export const authority = pathsOf('ca')
/** Signs the tokens of service accounts. */
export const serviceAccountKey = join(folders.certificates, 'service-accounts.key')

/** The cluster's own authority, which lives as long as the cluster. */
export async function prepareAuthority(): Promise<void> {
  await mkdir(folders.certificates, { recursive: true, mode: 0o700 })
  if (!await exists(authority.certificate))
    await command('openssl', ['req', '-x509', ...elliptic, '-keyout', authority.key, '-out', authority.certificate, '-days', '365', '-subj', '/CN=howdah-testbed'])
  if (!await exists(serviceAccountKey))
    await command('openssl', ['genrsa', '-out', serviceAccountKey, '2048'])
}

export async function apiServerCertificate(): Promise<KeyPair> {
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost'].map(name => `DNS:${name}`)
  const addresses = ['127.0.0.1', kubernetesService, hostAddress].map(address => `IP:${address}`)
  return await signed('kube-apiserver', '/CN=kube-apiserver', [...names, ...addresses])
}

/** A certificate that says who calls: `/O=group/CN=user`. */
export async function clientCertificate(name: string, subject: string): Promise<KeyPair> {
  return await signed(name, subject)
}

/** How somebody reaches the API server, in a file. */
export async function writeKubeconfig(path: string, name: string, subject: string): Promise<string> {
  const pair = await clientCertificate(name, subject)
  const base64 = async (path: string) => (await readFile(path)).toString('base64')
  await writeFile(path, JSON.stringify({
    'apiVersion': 'v1',
    'kind': 'Config',
    'clusters': [{ name: 'testbed', cluster: { 'server': apiServer, 'certificate-authority-data': await base64(authority.certificate) } }],
    'users': [{ name, user: { 'client-certificate-data': await base64(pair.certificate), 'client-key-data': await base64(pair.key) } }],
    'contexts': [{ name: 'testbed', context: { cluster: 'testbed', user: name } }],
    'current-context': 'testbed',
  }, null, 2), { mode: 0o600 })
  return path
}

/** A pair that vouches for itself, for two programs that know each other's certificate. */
export async function selfSigned(name: string, usage: 'serverAuth' | 'clientAuth'): Promise<KeyPair> {
  const pair = pathsOf(name)
  if (!await exists(pair.certificate)) {
    await command('openssl', ['req', '-x509', ...elliptic, '-keyout', pair.key, '-out', pair.certificate, '-days', '365', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-addext', `extendedKeyUsage=${usage}`])
  }
  return pair
}

async function signed(name: string, subject: string, alternatives: readonly string[] = []): Promise<KeyPair> {
  const pair = pathsOf(name)
  if (await exists(pair.certificate))
    return pair
  const extensions = join(folders.certificates, `${name}.ext`)
  await writeFile(extensions, [
    'keyUsage=digitalSignature,keyEncipherment',
    'extendedKeyUsage=serverAuth,clientAuth',
    ...(alternatives.length > 0 ? [`subjectAltName=${alternatives.join(',')}`] : []),
    '',
  ].join('\n'))
  const request = await command('openssl', ['req', '-new', ...elliptic, '-keyout', pair.key, '-subj', subject])
  await command('openssl', ['x509', '-req', '-CA', authority.certificate, '-CAkey', authority.key, '-days', '365', '-extfile', extensions, '-out', pair.certificate], { input: request })
  return pair
}

function pathsOf(name: string): KeyPair {
  return { certificate: join(folders.certificates, `${name}.crt`), key: join(folders.certificates, `${name}.key`) }
}
