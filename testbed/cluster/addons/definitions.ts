import type { KubernetesObject } from './upstream.ts'
import { join } from 'node:path'
import { goModuleFolder } from '../../../tools/needs/go-program.ts'
import { readManifest } from './upstream.ts'

/** Definitions of what the driver and the chart may make where others run it. Nothing runs it here: the API takes it or refuses it. */
const sources = [
  ...['podmonitors', 'servicemonitors'].map(kind => ({
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: '0.93.1',
    path: `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
  })),
  ...['tlsroutes', 'httproutes'].map(kind => ({
    module: 'sigs.k8s.io/gateway-api',
    version: '1.6.3',
    path: `config/crd/standard/gateway.networking.k8s.io_${kind}.yaml`,
  })),
]

export async function definitions(): Promise<KubernetesObject[]> {
  const read = await Promise.all(sources.map(async source => await readManifest(join(await goModuleFolder(source), source.path))))
  return read.flat()
}
