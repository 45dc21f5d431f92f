import type { DatabaseRef, DatabaseSpec } from '@howdah/engine'
import type { Installation } from './installation.ts'
import { randomBytes } from 'node:crypto'
import { matchesVerifier } from '@howdah/postgres'
import { ApiError } from './kubernetes/api.ts'
import { resources } from './kubernetes/objects.ts'
import { monitorSecretManifest, ownerSecretManifest } from './manifests/secrets.ts'
import { monitorSecretOf, namespaceOf, ownerSecretOf } from './names.ts'
import { readSecret } from './target.ts'

/** Whether the operator already has the verifier of this password. */
export async function isOwnerSecretSame({ api, location }: Installation, spec: DatabaseSpec): Promise<boolean> {
  const secret = await readSecret(api, namespaceOf(location, spec.project), ownerSecretOf(spec))
  return secret?.username === spec.owner.user && secret.password !== undefined && await matchesVerifier(spec.owner.password, secret.password)
}

/** Give the operator the owner's new password; it sets it now, and again after each promotion. */
export async function applyOwnerSecret({ api, location }: Installation, spec: DatabaseSpec, verifier: string): Promise<void> {
  await api.apply(resources.secret, ownerSecretManifest(spec, namespaceOf(location, spec.project), { user: spec.owner.user, verifier }))
}

/** The password of our monitoring, made once. */
export async function ensureMonitorPassword({ api, location }: Installation, ref: DatabaseRef): Promise<string> {
  const namespace = namespaceOf(location, ref.project)
  try {
    const password = randomBytes(32).toString('base64url')
    await api.create(resources.secret, monitorSecretManifest(ref, namespace, password))
    return password
  }
  catch (error) {
    if (!(error instanceof ApiError && error.status === 409))
      throw error
    return (await readSecret(api, namespace, monitorSecretOf(ref)))?.password ?? ''
  }
}
