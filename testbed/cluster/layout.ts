/**
 * Addresses of the bed. Nodes hang on one bridge with this machine and have no default route: nothing in the cluster
 * reaches anything outside of it.
 */
export const bridge = 'howdah0'
export const hostAddress = '10.243.0.1'
export const podNetwork = '10.244.0.0/16'
export const serviceNetwork = '10.96.0.0/16'
export const kubernetesService = '10.96.0.1'
export const dnsService = '10.96.0.10'

export const apiServer = `https://${hostAddress}:6443`

/** The S3 store. Its credentials guard nothing: it holds what tests put there and listens on the bridge only. */
export const s3 = {
  endpoint: `http://${hostAddress}:7070`,
  accessKeyId: 'howdah',
  secretAccessKey: 'howdah-testbed',
} as const

export interface NodeLayout {
  readonly name: string
  readonly address: string
  readonly podNetwork: string
  /** This machine's end of the cable. */
  readonly link: string
}

export const nodes: readonly NodeLayout[] = [1, 2, 3].map(number => ({
  name: `node-${number}`,
  address: `10.243.0.1${number}`,
  podNetwork: `10.244.${number}.0/24`,
  link: `howdah${number}`,
}))

export function nodeNamed(name: string): NodeLayout {
  const node = nodes.find(candidate => candidate.name === name)
  if (!node)
    throw new Error(`There is no node "${name}"; there are ${nodes.map(({ name }) => name).join(', ')}`)
  return node
}
