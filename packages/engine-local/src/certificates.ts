import type { KeyObject } from 'node:crypto'
import type { Account } from './account.ts'
import { createPrivateKey, createPublicKey, generateKeyPair, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readIfThere } from '@howdah/machine'
import { makeFolder, writeAtomically } from './files.ts'
import { issueCertificate } from './x509.ts'

const makeKeys = promisify(generateKeyPair)

/** The certificate authority of one installation: signs the certificate of every database here. */
export interface Authority {
  /** PEM, for clients. */
  readonly certificate: string
  /** SHA-256 of the certificate: no other installation has it. */
  readonly fingerprint: string
  /** PEM of a new certificate and its key for a server that is reached as these hosts. */
  readonly issue: (hosts: readonly string[]) => Promise<{ certificate: string, key: string }>
}

const authorityName = 'Howdah databases of this machine'
const dayMs = 86_400_000
/** Servers keep their certificate for their life; nobody is here to renew it while the control plane is off. */
const validMs = 20 * 365 * dayMs

/** Read the authority, or make it at the first start. Its key is for the control plane's eyes only. */
export async function openAuthority(folder: string): Promise<Authority> {
  await makeFolder(folder, 0o755)
  const certificatePath = join(folder, 'ca.crt')
  const keyPath = join(folder, 'ca.key')
  if (await readIfThere(certificatePath) === undefined) {
    const made = await makeAuthority()
    await writeAtomically(keyPath, pemOf(made.key), { mode: 0o600, durable: true })
    await writeAtomically(certificatePath, made.certificate, { mode: 0o644, durable: true })
  }
  const certificate = await readIfThere(certificatePath) ?? ''
  const signingKey = createPrivateKey(await readIfThere(keyPath) ?? '')
  const parsed = new X509Certificate(certificate)
  if (!parsed.checkPrivateKey(signingKey))
    throw new Error(`the certificate and the key of the authority in ${folder} do not belong together`)
  return {
    certificate,
    fingerprint: parsed.fingerprint256,
    issue: async hosts => await issueServer(signingKey, hosts),
  }
}

async function makeAuthority(): Promise<{ certificate: string, key: KeyObject }> {
  const { privateKey, publicKey } = await makeKeys('ec', { namedCurve: 'P-256' })
  const certificate = issueCertificate({
    subject: authorityName,
    issuer: authorityName,
    publicKey,
    signingKey: privateKey,
    issuerKey: publicKey,
    ...validity(),
    hosts: undefined,
  })
  return { certificate, key: privateKey }
}

async function issueServer(signingKey: KeyObject, hosts: readonly string[]): Promise<{ certificate: string, key: string }> {
  const { privateKey, publicKey } = await makeKeys('ec', { namedCurve: 'P-256' })
  const certificate = issueCertificate({
    subject: hosts[0] ?? 'localhost',
    issuer: authorityName,
    publicKey,
    signingKey,
    issuerKey: createPublicKey(signingKey),
    ...validity(),
    hosts,
  })
  return {
    certificate,
    key: pemOf(privateKey),
  }
}

/** A day back, because clocks of clients differ. */
function validity(): { notBefore: Date, notAfter: Date } {
  const now = Date.now()
  return {
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + validMs),
  }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Write a certificate where a server of this account reads it. */
export async function writeCertificate(
  authority: Authority,
  hosts: readonly string[],
  paths: { readonly certificate: string, readonly certificateKey: string },
  owner: Account | undefined,
): Promise<void> {
  const { certificate, key } = await authority.issue(hosts)
  await writeAtomically(paths.certificate, certificate, { mode: 0o644, owner, durable: false })
  await writeAtomically(paths.certificateKey, key, { mode: 0o600, owner, durable: false })
}

/** Names under which a server of this machine is reached. */
export function certificateHosts(host: string): string[] {
  return [
    ...new Set([host, 'localhost', '127.0.0.1', '::1']),
  ]
}
