import type { GoProgram } from '../../../tools/needs/go-program.ts'
import { fileURLToPath } from 'node:url'
import { goProgram, goPrograms } from '../../../tools/needs/go-program.ts'
import { folders } from '../folders.ts'
import { versions } from '../versions.ts'

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

function ownMain(file: string): string {
  return fileURLToPath(new URL(`go/${file}`, import.meta.url))
}

export const programs = {
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  'kubelet': kubernetes('kubelet'),
  'kube-proxy': kubernetes('kube-proxy'),
  'kubectl': kubernetes('kubectl'),
  'etcd': { name: 'etcd', module: 'go.etcd.io/etcd/server/v3', version: versions.etcd, main: ownMain('etcd.go') },
  'coredns': { name: 'coredns', module: 'github.com/coredns/coredns', version: versions.coredns, main: ownMain('coredns.go') },
  'local-path-provisioner': { name: 'local-path-provisioner', module: 'github.com/rancher/local-path-provisioner', version: versions.localPathProvisioner },
  'cloudnative-pg': { name: 'cloudnative-pg', module: 'github.com/cloudnative-pg/cloudnative-pg', version: versions.cloudNativePg, package: 'cmd/manager' },
  'barman-cloud': { name: 'barman-cloud', module: 'github.com/cloudnative-pg/plugin-barman-cloud', version: versions.barmanCloudPlugin, package: 'cmd/manager' },
  'versitygw': { name: 'versitygw', module: 'github.com/versity/versitygw', version: versions.versitygw, package: 'cmd/versitygw' },
} as const satisfies Record<string, GoProgram>

export type ProgramName = keyof typeof programs

/** Path of one of them, built when it is not there. */
export async function programPath(name: ProgramName): Promise<string> {
  return await goProgram(programs[name], folders.programs)
}

/** Build those of them that are not there. One build after the other, since each uses every core; Kubernetes' own are one. */
export async function buildPrograms(names: readonly ProgramName[]): Promise<void> {
  await goPrograms(names.map(name => programs[name]).filter(({ module }) => module === kubernetesModule), folders.programs)
  for (const name of names)
    await programPath(name)
}
