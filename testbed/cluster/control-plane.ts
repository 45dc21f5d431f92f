import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '@howdah/testkit/until'
import { programPath } from './build/programs.ts'
import { apiServerCertificate, authority, clientCertificate, serviceAccountKey, writeKubeconfig } from './certificates.ts'
import { folders, kubeconfig } from './folders.ts'
import { kubectlSucceeds } from './kubectl.ts'
import { hostAddress, s3, serviceNetwork } from './layout.ts'
import { startDaemon } from './machine.ts'

export const controlPlane = 'control-plane'

/** etcd, API server, controllers and the S3 store, on this machine's own network. Answers when the API server is ready. */
export async function startControlPlane(): Promise<void> {
  await writeKubeconfig(kubeconfig, 'admin', '/O=system:masters/CN=admin')
  await startS3()
  const etcd = 'http://127.0.0.1:2379'
  const etcdPeer = 'http://127.0.0.1:2380'
  await startDaemon(controlPlane, 'etcd', [
    await programPath('etcd'),
    `--data-dir=${join(folders.state, 'etcd')}`,
    // A cluster that nobody misses need not wait for the disk.
    '--unsafe-no-fsync',
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=${etcdPeer}`,
    `--initial-advertise-peer-urls=${etcdPeer}`,
    `--initial-cluster=default=${etcdPeer}`,
  ])
  await startApiServer(etcd)
  await until(async () => await kubectlSucceeds('get', '--raw', '/readyz'), { deadlineMs: 120_000, everyMs: 200, what: 'the API server is ready' })
  await startController('kube-controller-manager', [
    `--service-account-private-key-file=${serviceAccountKey}`,
    `--root-ca-file=${authority.certificate}`,
    `--cluster-signing-cert-file=${authority.certificate}`,
    `--cluster-signing-key-file=${authority.key}`,
    '--use-service-account-credentials',
    // Nodes report every 4 seconds; one that missed four reports is gone.
    '--node-monitor-grace-period=16s',
  ])
  await startController('kube-scheduler', [])
}

/** A folder of the store is a bucket. */
async function startS3(): Promise<void> {
  const folder = join(folders.state, 's3')
  await mkdir(join(folder, 'backups'), { recursive: true })
  await startDaemon(controlPlane, 's3', [
    await programPath('versitygw'),
    '--port',
    new URL(s3.endpoint).host,
    'posix',
    folder,
  ], { ROOT_ACCESS_KEY: s3.accessKeyId, ROOT_SECRET_KEY: s3.secretAccessKey })
}

async function startApiServer(etcd: string): Promise<void> {
  const own = await apiServerCertificate()
  const toKubelets = await clientCertificate('kube-apiserver-kubelet-client', '/O=system:masters/CN=kube-apiserver-kubelet-client')
  const toExtensions = await clientCertificate('front-proxy', '/CN=front-proxy')
  await startDaemon(controlPlane, 'kube-apiserver', [
    await programPath('kube-apiserver'),
    `--etcd-servers=${etcd}`,
    `--bind-address=${hostAddress}`,
    `--advertise-address=${hostAddress}`,
    '--secure-port=6443',
    `--tls-cert-file=${own.certificate}`,
    `--tls-private-key-file=${own.key}`,
    `--client-ca-file=${authority.certificate}`,
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-cluster-ip-range=${serviceNetwork}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    // Otherwise logs and exec look a node's name up in a DNS that does not know it.
    '--kubelet-preferred-address-types=InternalIP',
    `--kubelet-client-certificate=${toKubelets.certificate}`,
    `--kubelet-client-key=${toKubelets.key}`,
    `--proxy-client-cert-file=${toExtensions.certificate}`,
    `--proxy-client-key-file=${toExtensions.key}`,
    `--requestheader-client-ca-file=${authority.certificate}`,
    '--requestheader-allowed-names=front-proxy',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  ])
}

async function startController(name: 'kube-controller-manager' | 'kube-scheduler', args: readonly string[]): Promise<void> {
  const access = await writeKubeconfig(join(folders.certificates, `${name}.conf`), name, `/CN=system:${name}`)
  await startDaemon(controlPlane, name, [
    await programPath(name),
    `--kubeconfig=${access}`,
    `--authentication-kubeconfig=${access}`,
    `--authorization-kubeconfig=${access}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    ...args,
  ])
}
