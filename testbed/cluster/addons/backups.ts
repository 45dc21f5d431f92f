import type { KeyPair } from '../certificates.ts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { goModuleFolder } from '../../../tools/needs/go-program.ts'
import { barmanImage } from '../build/images.ts'
import { programs } from '../build/programs.ts'
import { selfSigned } from '../certificates.ts'
import { operatorNamespace } from './operator.ts'
import { onTwoNodes, readManifest, withImage } from './upstream.ts'

/**
 * The backup plugin as its release installs it, but for the image, for the certificates (instead of cert-manager two pairs that
 * vouch for themselves, since operator and plugin each trust exactly the other's), and on two nodes: the operator does nothing for
 * a database whose plugin does not answer, also not replace its primary.
 */
export async function backups(): Promise<object[]> {
  const objects = await readManifest(join(await goModuleFolder(programs['barman-cloud']), 'manifest.yaml'))
  return [
    tlsSecret('barman-cloud-server-tls', await read(await selfSigned('barman-cloud', 'serverAuth'))),
    tlsSecret('barman-cloud-client-tls', await read(await selfSigned('barman-cloud-client', 'clientAuth'))),
    ...objects.filter(({ apiVersion }) => !apiVersion.startsWith('cert-manager.io')).map(object => object.kind === 'Secret'
      ? { ...object, data: undefined, stringData: { SIDECAR_IMAGE: barmanImage } }
      : onTwoNodes(answeringAtOnce(withImage(object, barmanImage)))),
  ]
}

/** With an election only the elected one listens, and another is found after the lease and a probe: half a minute. What it does may be done twice. */
function answeringAtOnce<T extends object>(object: T): T {
  return JSON.parse(JSON.stringify(object), (key, value: unknown) =>
    key === 'args' && Array.isArray(value) ? value.filter(argument => argument !== '--leader-elect') : value) as T // the same shape
}

async function read({ certificate, key }: KeyPair): Promise<[certificate: string, key: string]> {
  return [await readFile(certificate, 'utf8'), await readFile(key, 'utf8')]
}

function tlsSecret(name: string, [certificate, key]: [certificate: string, key: string]): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, namespace: operatorNamespace },
    stringData: { 'tls.crt': certificate, 'tls.key': key },
  }
}
