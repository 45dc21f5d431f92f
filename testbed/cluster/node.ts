import type { NodeLayout } from './layout.ts'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { command } from '../../tools/command.ts'
import { exists } from '../../tools/exists.ts'
import { programPath } from './build/programs.ts'
import { authority, writeKubeconfig } from './certificates.ts'
import { cgroupOf, makeCgroup } from './cgroups.ts'
import { networkConfiguration, startContainerd } from './containerd.ts'
import { controlPlane } from './control-plane.ts'
import { startNodeDriver } from './csi.ts'
import { folders } from './folders.ts'
import { dnsService, hostAddress } from './layout.ts'
import { boot, startDaemon, varFolder } from './machine.ts'
import { connect } from './network.ts'

/** Give a node the disk that it begins with. Big files are links to the store: containerd never writes to them, but it does to its databases. */
export async function prepareNode(node: NodeLayout, store: string): Promise<void> {
  const target = join(varFolder(node.name), 'lib', 'containerd')
  if (await exists(target))
    return
  await mkdir(dirname(target), { recursive: true })
  await command('cp', ['--archive', '--link', store, target])
  for (const database of ['io.containerd.metadata.v1.bolt/meta.db', 'io.containerd.snapshotter.v1.overlayfs/metadata.db']) {
    const path = join(target, database)
    await command('cp', ['--archive', path, `${path}.own`])
    await rename(`${path}.own`, path)
  }
}

/** Start containerd, kubelet, kube-proxy and the CSI driver of a node that is off, on the disk that it has. */
export async function startNode(node: NodeLayout): Promise<void> {
  await writeNetworkConfiguration(node)
  await makeCgroup(node.name)
  await connect(node, await boot(node.name, { isNode: true }))
  await startContainerd(node.name)
  await startNodeDriver(node.name)
  await startKubelet(node)
  await startDaemon(node.name, 'kube-proxy', [await programPath('kube-proxy'), ...await kubeProxyArguments(), `--hostname-override=${node.name}`])
}

/** This machine reaches services by their address too: the API server calls webhooks, and tests call databases. */
export async function startHostProxy(): Promise<void> {
  await startDaemon(controlPlane, 'kube-proxy', [
    await programPath('kube-proxy'),
    ...await kubeProxyArguments(),
    // It is not a node, and nothing here depends on which one it takes itself for.
    '--hostname-override=node-1',
    `--bind-address=${hostAddress}`,
    '--healthz-bind-address=127.0.0.1:10256',
    '--metrics-bind-address=127.0.0.1:10249',
  ])
}

async function kubeProxyArguments(): Promise<string[]> {
  const access = await writeKubeconfig(join(folders.certificates, 'kube-proxy.conf'), 'kube-proxy', '/CN=system:kube-proxy')
  return [
    `--kubeconfig=${access}`,
    '--proxy-mode=nftables',
    // Leave this machine's connection tracking as it is.
    '--conntrack-max-per-core=0',
    '--conntrack-tcp-timeout-established=0',
    '--conntrack-tcp-timeout-close-wait=0',
  ]
}

async function writeNetworkConfiguration(node: NodeLayout): Promise<void> {
  const folder = join(varFolder(node.name), networkConfiguration.slice('/var/'.length))
  await mkdir(folder, { recursive: true })
  await mkdir(join(varFolder(node.name), 'log'), { recursive: true })
  // A node that lost power has forgotten its pods, so their addresses are free again.
  await rm(join(varFolder(node.name), 'lib/cni/networks'), { recursive: true, force: true })
  await writeFile(join(folder, '10-pods.conflist'), JSON.stringify({
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: node.podNetwork }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }))
}

async function startKubelet(node: NodeLayout): Promise<void> {
  const access = await writeKubeconfig(join(folders.certificates, `${node.name}.conf`), node.name, `/O=system:nodes/CN=system:node:${node.name}`)
  const file = join(folders.state, `${node.name}-kubelet.json`)
  await writeFile(file, JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroupOf(node.name),
    // Machines with the first version of cgroups are still around.
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: authority.certificate } },
    authorization: { mode: 'Webhook' },
    clusterDNS: [dnsService],
    clusterDomain: 'cluster.local',
    nodeStatusUpdateFrequency: '4s',
    maxPods: 100,
    // The disk is this machine's, and images are not to be had a second time.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  }))
  await startDaemon(node.name, 'kubelet', [await programPath('kubelet'), `--config=${file}`, `--kubeconfig=${access}`, `--hostname-override=${node.name}`, `--node-ip=${node.address}`])
}
