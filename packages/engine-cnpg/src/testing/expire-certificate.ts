import type { KubeObject } from '../kubernetes/objects.ts'
import type { ClusterEngine } from './cluster-engine.ts'
import { Buffer } from 'node:buffer'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@howdah/testkit'
import { resources } from '../kubernetes/objects.ts'

const run = promisify(execFile)

type Secret = KubeObject & { readonly data: Readonly<Record<string, string>> }

/** Give a server a certificate of its own authority, for its own key, that ended yesterday. Whoever renews certificates has to be away. */
export async function expireCertificate({ api, namespace }: ClusterEngine, cluster: string): Promise<void> {
  const [authority, server] = await Promise.all(['ca', 'server'].map(async part => await api.get<Secret>(resources.secret, { namespace, name: `${cluster}-${part}` })))
  const folder = await temporaryFolder()
  const put = async (name: string, content: string | Buffer): Promise<string> => {
    const path = join(folder.path, name)
    await writeFile(path, content, { mode: 0o600 })
    return path
  }
  try {
    const ca = await put('ca.crt', Buffer.from(authority?.data['ca.crt'] ?? '', 'base64'))
    const caKey = await put('ca.key', Buffer.from(authority?.data['ca.key'] ?? '', 'base64'))
    const key = await put('tls.key', Buffer.from(server?.data['tls.key'] ?? '', 'base64'))
    const extensions = await put('extensions', `subjectAltName=DNS:${cluster}-rw.${namespace}.svc\nextendedKeyUsage=serverAuth\n`)
    const request = await put('request', (await run('openssl', ['req', '-new', '-key', key, '-subj', `/CN=${cluster}-rw`])).stdout)
    const { stdout: certificate } = await run('openssl', ['x509', '-req', '-in', request, '-CA', ca, '-CAkey', caKey, '-days', '-1', '-extfile', extensions])
    await api.merge(resources.secret, { namespace, name: `${cluster}-server` }, { data: { 'tls.crt': Buffer.from(certificate).toString('base64') } }, { as: 'somebody' })
  }
  finally {
    await folder.remove()
  }
}
