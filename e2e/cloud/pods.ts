import { expect } from 'vitest'
import { kubectl } from '../../testbed/cloud/kubernetes.ts'
import { toolboxImage } from '../../testbed/cluster/build/images.ts'
import { applyObjects } from './objects.ts'

interface Pod { readonly name: string, readonly address: string, readonly node: string }

const name = 'web'
const labels = { app: name }
const moving = 'moving'

/** Says the name of its node. */
const webServer = {
  name,
  image: toolboxImage,
  imagePullPolicy: 'Never',
  command: ['sh', '-c', 'mkdir -p /www; echo "$NODE" >/www/index.html; exec httpd -f -p 8080 -h /www'],
  env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
  readinessProbe: { httpGet: { port: 8080, path: '/' }, periodSeconds: 2, timeoutSeconds: 5 },
}

/** A web server on every node, the control plane's too, and a Service in front of them. */
export async function startPods(): Promise<void> {
  await applyObjects([
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 1,
            tolerations: [{ operator: 'Exists' }],
            containers: [webServer],
          },
        },
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } },
  ])
}

export async function podsReady(count: number): Promise<void> {
  await kubectl('wait', `--for=jsonpath={.status.desiredNumberScheduled}=${count}`, `daemonset/${name}`, '--timeout=120s')
  await kubectl('rollout', 'status', `daemonset/${name}`, '--timeout=300s')
}

/** Every pod asks every other by its address, and the Service by its name. */
export async function everyPodReachesEveryPod(): Promise<void> {
  const pods = await podsOf(name)
  for (const from of pods) {
    for (const to of pods)
      expect(await fetchFrom(from, `http://${to.address}:8080/`), `${from.node} to ${to.node}`).toBe(to.node)
    expect(pods.map(({ node }) => node), `${from.node} to the Service`).toContain(await fetchFrom(from, `http://${name}.default.svc.cluster.local/`))
  }
}

/** Two web servers that rather have a worker each than share one. */
export async function startMovingPods(): Promise<void> {
  const labels = { app: moving }
  await applyObjects([{
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: moving },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: labels } }],
          containers: [webServer],
        },
      },
    },
  }])
}

/** The nodes on which they run, once both do. */
export async function nodesOfMovingPods(): Promise<readonly string[]> {
  await kubectl('rollout', 'status', `deployment/${moving}`, '--timeout=300s')
  return (await podsOf(moving)).map(({ node }) => node).sort()
}

async function podsOf(app: string): Promise<Pod[]> {
  const output = await kubectl('get', 'pods', '--selector', `app=${app}`, '--field-selector', 'status.phase=Running', '--output', 'jsonpath={range .items[*]}{.metadata.name} {.status.podIP} {.spec.nodeName}{"\\n"}{end}')
  return output.trim().split('\n').map((line) => {
    const [name = '', address = '', node = ''] = line.split(' ')
    return { name, address, node }
  })
}

/** Debian's busybox crashes in `wget -T`, so the time is limited from outside. */
async function fetchFrom({ name }: Pod, url: string): Promise<string> {
  return (await kubectl('exec', name, '--', 'busybox', 'timeout', '10', 'busybox', 'wget', '-qO-', url)).trim()
}
