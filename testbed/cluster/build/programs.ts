import type { GoProgram, GoWorkspace } from '../../../tools/needs/go-program.ts'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { goProgram, goPrograms } from '../../../tools/needs/go-program.ts'
import { folders } from '../folders.ts'
import { csiVersions, versions } from '../versions.ts'

const kubernetesModule = 'k8s.io/kubernetes'
const [major = '', minor = ''] = versions.kubernetes.split('.')

function kubernetes(name: string): GoProgram {
  return {
    name,
    module: kubernetesModule,
    version: versions.kubernetes,
    package: `cmd/${name}`,
    staging: { prefix: 'k8s.io/', version: versions.kubernetes.replace(major, '0') },
    variables: {
      'k8s.io/component-base/version.gitVersion': `v${versions.kubernetes}`,
      'k8s.io/component-base/version.gitMajor': major,
      'k8s.io/component-base/version.gitMinor': minor,
    },
  }
}

/** Path of Go of our own. */
function ownSource(file: string): string {
  return fileURLToPath(new URL(`go/${file}`, import.meta.url))
}

const csiDriverFolder = ownSource('csi-driver')
const provisionerModule = 'github.com/kubernetes-csi/external-provisioner/v6'
const resizerModule = 'github.com/kubernetes-csi/external-resizer/v2'
const snapshotterModule = 'github.com/kubernetes-csi/external-snapshotter/v8'

const csi: GoWorkspace = {
  name: 'csi',
  requirements: [
    `${provisionerModule} v${csiVersions.externalProvisioner}`,
    `${resizerModule} v${csiVersions.externalResizer}`,
    `${snapshotterModule} v${csiVersions.externalSnapshotter}`,
    `github.com/container-storage-interface/spec v${csiVersions.spec}`,
    `k8s.io/kubelet v${versions.kubernetes.replace(major, '0')}`,
  ],
  sources: [csiDriverFolder],
}

function csiProgram(name: string, module: string, version: string): GoProgram {
  return { name, module, version, package: `cmd/${name}`, workspace: csi }
}

/** Its version is what it says, so that one that was changed is built anew. */
function csiDriver(): GoProgram {
  const hash = createHash('sha256')
  for (const file of readdirSync(csiDriverFolder).sort())
    hash.update(readFileSync(join(csiDriverFolder, file)))
  return { name: 'csi-driver', module: 'howdah', version: hash.digest('hex').slice(0, 16), package: 'csi-driver', workspace: csi }
}

export const programs = {
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  'kubelet': kubernetes('kubelet'),
  'kube-proxy': kubernetes('kube-proxy'),
  'kubectl': kubernetes('kubectl'),
  'etcd': { name: 'etcd', module: 'go.etcd.io/etcd/server/v3', version: versions.etcd, main: ownSource('etcd.go') },
  'coredns': { name: 'coredns', module: 'github.com/coredns/coredns', version: versions.coredns, main: ownSource('coredns.go') },
  'local-path-provisioner': { name: 'local-path-provisioner', module: 'github.com/rancher/local-path-provisioner', version: versions.localPathProvisioner },
  'cloudnative-pg': { name: 'cloudnative-pg', module: 'github.com/cloudnative-pg/cloudnative-pg', version: versions.cloudNativePg, package: 'cmd/manager' },
  'barman-cloud': { name: 'barman-cloud', module: 'github.com/cloudnative-pg/plugin-barman-cloud', version: versions.barmanCloudPlugin, package: 'cmd/manager' },
  'versitygw': { name: 'versitygw', module: 'github.com/versity/versitygw', version: versions.versitygw, package: 'cmd/versitygw' },
  'csi-driver': csiDriver(),
  'csi-provisioner': csiProgram('csi-provisioner', provisionerModule, csiVersions.externalProvisioner),
  'csi-resizer': csiProgram('csi-resizer', resizerModule, csiVersions.externalResizer),
  'csi-snapshotter': csiProgram('csi-snapshotter', snapshotterModule, csiVersions.externalSnapshotter),
  'snapshot-controller': csiProgram('snapshot-controller', snapshotterModule, csiVersions.externalSnapshotter),
} as const satisfies Record<string, GoProgram>

export type ProgramName = keyof typeof programs

/** Path of one of them, built when it is not there. */
export async function programPath(name: ProgramName): Promise<string> {
  return await goProgram(programs[name], folders.programs)
}

/** Build those of them that are not there. One build after the other, since each uses every core; Kubernetes' own are one, and those around CSI. */
export async function buildPrograms(names: readonly ProgramName[]): Promise<void> {
  const chosen: readonly GoProgram[] = names.map(name => programs[name])
  await goPrograms(chosen.filter(({ module }) => module === kubernetesModule), folders.programs)
  await goPrograms(chosen.filter(({ workspace }) => workspace === csi), folders.programs)
  for (const name of names)
    await programPath(name)
}
