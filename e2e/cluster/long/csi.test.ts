/** The bed's storage class `csi`: what tests of snapshots and of growing volumes stand on. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '@howdah/testkit/until'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { toolboxImage } from '../../../testbed/cluster/build/images.ts'
import { folders } from '../../../testbed/cluster/folders.ts'
import { apply, kubectl, temporaryNamespace } from '../kubectl.ts'

const { isOurs } = inject('cluster')
/** The account of PostgreSQL's images. Nothing but the group lets it write to a volume. */
const account = 26

describe.runIf(isOurs)('the storage class csi', () => {
  let namespace: Awaited<ReturnType<typeof temporaryNamespace>>
  beforeAll(async () => {
    namespace = await temporaryNamespace()
  })
  afterAll(async () => await namespace.remove())

  it('snapshots a volume that is written to, makes volumes of the snapshot and of the volume on other nodes, enlarges one in use, and leaves nothing', async () => {
    await claim('first')
    await pod('writer', 'first', 'node-1')
    await inPod('writer', 'echo before > kept; chmod 600 kept; ln -s kept link; mkdir work')
    // Files that come and go while they are copied.
    await inPod('writer', '(while :; do for i in $(seq 200); do echo $i > work/$i; done; rm work/*; done) > /dev/null 2>&1 &')
    await apply(namespace.name, {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshot',
      metadata: { name: 'snapshot' },
      spec: { volumeSnapshotClassName: 'csi', source: { persistentVolumeClaimName: 'first' } },
    })
    await inNamespace('wait', '--for=jsonpath={.status.readyToUse}=true', 'volumesnapshot/snapshot', '--timeout=60s')
    expect(await field('volumesnapshot/snapshot', '{.status.error}')).toBe('')
    await inPod('writer', 'echo after > kept')

    await claim('restored', { dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'snapshot' } })
    await claim('cloned', { dataSource: { kind: 'PersistentVolumeClaim', name: 'first' } })
    await Promise.all([pod('reader', 'restored', 'node-2'), pod('clone', 'cloned', 'node-3')])
    expect(await inPod('reader', 'cat link; stat -c "%a %u %g" kept')).toBe(`before\n600 ${account} ${account}\n`)
    expect(await inPod('clone', 'cat link')).toBe('after\n')

    await inNamespace('patch', 'persistentvolumeclaim', 'restored', '--patch', JSON.stringify({ spec: { resources: { requests: { storage: '2Gi' } } } }))
    await inNamespace('wait', '--for=jsonpath={.status.capacity.storage}=2Gi', 'persistentvolumeclaim/restored', '--timeout=60s')
    expect(await inPod('reader', 'echo still > kept; cat kept')).toBe('still\n')

    const volumes = await Promise.all(['first', 'restored', 'cloned'].map(async name => await field(`persistentvolumeclaim/${name}`, '{.spec.volumeName}')))
    const handles = await Promise.all(volumes.map(async name => await field(`persistentvolume/${name}`, '{.spec.csi.volumeHandle}')))
    const content = await field('volumesnapshot/snapshot', '{.status.boundVolumeSnapshotContentName}')
    const snapshot = await field(`volumesnapshotcontent/${content}`, '{.status.snapshotHandle}')
    expect(await kept()).toEqual(expect.arrayContaining([...handles, snapshot]))
    await inNamespace('delete', 'pods', '--all', '--grace-period=1', '--timeout=120s')
    await inNamespace('delete', 'volumesnapshots,persistentvolumeclaims', '--all', '--timeout=120s')
    const left = async (): Promise<string[]> => (await kept()).filter(name => [...handles, snapshot].some(id => name.startsWith(id)))
    await until(async () => (await left()).length === 0, { deadlineMs: 60_000, everyMs: 100, what: 'their folders are gone' })
  })

  it('leaves local-path the class of volumes that name none', async () => {
    const classes = await kubectl('get', 'storageclasses', '--output', 'jsonpath={range .items[?(@.metadata.annotations.storageclass\\.kubernetes\\.io/is-default-class=="true")]}{.metadata.name} {end}')
    expect(classes.trim()).toBe('local-path')
  })

  async function claim(name: string, source: object = {}): Promise<void> {
    await apply(namespace.name, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: { storageClassName: 'csi', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...source },
    })
  }

  async function pod(name: string, claimName: string, node: string): Promise<void> {
    await apply(namespace.name, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        nodeSelector: { 'kubernetes.io/hostname': node },
        // By the other policy the kubelet gives every file of a copy to the group, and what a copy kept of its modes is not seen.
        securityContext: { runAsUser: account, runAsGroup: account, fsGroup: account, fsGroupChangePolicy: 'OnRootMismatch' },
        containers: [{ name, image: toolboxImage, imagePullPolicy: 'Never', command: ['sleep', 'infinity'], workingDir: '/data', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
      },
    })
    await inNamespace('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=120s')
  }

  async function inPod(name: string, script: string): Promise<string> {
    return await inNamespace('exec', name, '--', 'sh', '-euc', script)
  }

  async function field(object: string, path: string): Promise<string> {
    return await inNamespace('get', object, '--output', `jsonpath=${path}`)
  }

  async function inNamespace(...args: string[]): Promise<string> {
    return await kubectl('--namespace', namespace.name, ...args)
  }

  async function kept(): Promise<string[]> {
    return (await Promise.all(['volumes', 'snapshots'].map(async kind => await readdir(join(folders.volumes, kind))))).flat()
  }
})
