import type { DatabaseRef } from '@howdah/engine'
import type { Manifest } from '../kubernetes/objects.ts'
import { monitorRole } from '@howdah/postgres'
import { monitorSecretOf, ownerSecretOf, ownLabels, reloadLabel } from '../names.ts'

type SecretManifest = Manifest & { readonly type: string, readonly stringData: Readonly<Record<string, string>> }

/** From where the operator gives the owner its password, now and after each promotion. It holds the SCRAM verifier, never the password. */
export function ownerSecretManifest(ref: DatabaseRef, namespace: string, owner: { readonly user: string, readonly verifier: string }): SecretManifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: ownerSecretOf(ref), namespace, labels: { ...ownLabels(ref), [reloadLabel]: 'true' } },
    type: 'kubernetes.io/basic-auth',
    stringData: { username: owner.user, password: owner.verifier },
  }
}

/** How our monitoring gets in. */
export function monitorSecretManifest(ref: DatabaseRef, namespace: string, password: string): SecretManifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: monitorSecretOf(ref), namespace, labels: ownLabels(ref) },
    type: 'kubernetes.io/basic-auth',
    stringData: { username: monitorRole, password },
  }
}
