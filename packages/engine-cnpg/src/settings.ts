import type { BucketOptions } from './bucket.ts'
import type { Image, Location, PodMonitoring, TlsRouting } from './location.ts'
import { EngineError, refuseCidr } from '@howdah/engine'

type Settings = Readonly<Record<string, unknown>>

const known = [
  'kubeconfig',
  'context',
  'namespacePrefix',
  'operatorNamespace',
  'images',
  'imageCatalog',
  'storageClass',
  'storageGrows',
  'volumeSnapshotClass',
  'reach',
  'domain',
  'tlsRoute',
  'maxInstances',
  'maxCpu',
  'maxMemoryMib',
  'maxStorageGib',
  'cpuReserved',
  'unreachableSeconds',
  'controlPlaneCidrs',
  'backups',
  'podMonitor',
  'quota',
] as const

/** The settings of a location as an operator wrote them. All problems at once, each with the name of its field. */
export function readSettings(settings: Settings): Location {
  const problems: string[] = []
  for (const key of Object.keys(settings)) {
    if (!(known as readonly string[]).includes(key))
      problems.push(`${key} is not a setting of this engine; there is ${known.join(', ')}`)
  }
  if (settings.images !== undefined && settings.imageCatalog !== undefined)
    problems.push('images and imageCatalog are two answers to one question: give one of them')
  if (settings.volumeSnapshotClass !== undefined && settings.backups === undefined)
    problems.push('volumeSnapshotClass needs backups: what is written while a snapshot is taken is restored from the WAL, which is in the bucket')
  const text = (key: string, pattern: RegExp, hint: string): string | undefined => {
    const value = settings[key]
    if (value === undefined)
      return undefined
    if (typeof value === 'string' && pattern.test(value))
      return value
    problems.push(`${key} must be ${hint}`)
    return undefined
  }
  const number = (key: string, fallback: number, min: number, max: number): number => {
    const value = settings[key] ?? fallback
    if (typeof value === 'number' && value >= min && value <= max)
      return value
    problems.push(`${key} must be a number from ${min} to ${max}`)
    return fallback
  }
  const location: Location = {
    kubeconfig: text('kubeconfig', /^\//, 'an absolute path'),
    context: text('context', /./, 'the name of a context of the kubeconfig'),
    namespacePrefix: text('namespacePrefix', /^[a-z][a-z0-9-]{0,20}$/, 'at most 21 lower-case letters, digits and hyphens') ?? 'howdah-',
    operatorNamespace: text('operatorNamespace', /^[a-z0-9-]{1,63}$/, 'the name of a namespace') ?? 'cnpg-system',
    images: settings.imageCatalog === undefined ? readImages(settings.images, problems) : [],
    imageCatalog: text('imageCatalog', /^[a-z0-9.-]{1,253}$/, 'the name of a ClusterImageCatalog'),
    storageClass: text('storageClass', /^[a-z0-9.-]{1,253}$/, 'the name of a storage class'),
    storageGrows: readFlag('storageGrows', settings.storageGrows, problems),
    volumeSnapshotClass: text('volumeSnapshotClass', /^[a-z0-9.-]{1,253}$/, 'the name of a VolumeSnapshotClass'),
    reach: readReach(settings.reach, problems),
    domain: text('domain', /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'a DNS name such as db.example.org'),
    tlsRoute: readTlsRoute(settings, problems),
    maxInstances: number('maxInstances', 3, 1, 9),
    maxCpu: number('maxCpu', 16, 0.1, 1024),
    maxMemoryMib: number('maxMemoryMib', 65_536, 256, 16_777_216),
    maxStorageGib: number('maxStorageGib', 1024, 1, 65_536),
    cpuReserved: number('cpuReserved', 1, 0.01, 1),
    unreachableSeconds: number('unreachableSeconds', 5, 0, 3600),
    controlPlaneCidrs: readCidrs(settings.controlPlaneCidrs, problems),
    backups: readBackups(settings.backups, problems),
    podMonitor: readPodMonitor(settings.podMonitor, problems),
    quota: readQuota(settings.quota, problems),
  }
  if (problems.length > 0)
    throw new EngineError('invalid', `The settings of the location are not right: ${problems.join('; ')}.`)
  return location
}

function readImages(value: unknown, problems: string[]): Image[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0) {
    problems.push('images must map major versions to images, such as 18: ghcr.io/cloudnative-pg/postgresql:18.4; or imageCatalog must name a ClusterImageCatalog')
    return []
  }
  return Object.entries(value as Record<string, unknown>).flatMap(([key, entry]) => {
    const major = Number(key)
    const { image, version } = typeof entry === 'string'
      ? { image: entry, version: /:(\d+\.\d+)/.exec(entry)?.[1] }
      : (entry ?? {}) as { image?: unknown, version?: unknown } // looked at below
    if (!Number.isInteger(major) || major < 14 || typeof image !== 'string' || !/^\d+\.\d+$/.test(String(version)) || !String(version).startsWith(`${major}.`)) {
      problems.push(`images/${key} must be an image of that major version with its full version in the tag, such as ghcr.io/cloudnative-pg/postgresql:18.4, or { image, version }`)
      return []
    }
    return [{ major, version: String(version), image }]
  }).sort((a, b) => b.major - a.major)
}

function readReach(value: unknown, problems: string[]): Location['reach'] {
  if (value === undefined || value === 'dns' || value === 'cluster-ip')
    return value ?? 'dns'
  problems.push('reach must be dns or cluster-ip')
  return 'dns'
}

function readFlag(name: string, value: unknown, problems: string[]): boolean {
  if (value !== undefined && typeof value !== 'boolean')
    problems.push(`${name} must be true or false`)
  return value !== false
}

function readCidrs(value: unknown, problems: string[]): string[] {
  if (value === undefined)
    return ['0.0.0.0/0', '::/0']
  if (Array.isArray(value) && value.length > 0 && value.every(cidr => typeof cidr === 'string' && refuseCidr(cidr) === undefined))
    return value as string[] // each was just looked at
  problems.push('controlPlaneCidrs must be a list of networks such as 10.0.0.0/8')
  return []
}

/** What is in it is looked at when the bucket is opened. */
function readBackups(value: unknown, problems: string[]): BucketOptions | undefined {
  if (value === undefined)
    return undefined
  const isText = (name: string, text: unknown): boolean => ['url', 'credentialsFile', 'accessKeyId', 'secretAccessKey'].includes(name) && typeof text === 'string'
  if (typeof value === 'object' && value !== null && 'url' in value && Object.entries(value).every(([name, text]) => isText(name, text)))
    return value as BucketOptions // each was just looked at
  problems.push('backups must be { url, credentialsFile }, such as url: s3://bucket/prefix?endpoint=https://s3.example.org')
  return undefined
}

function readTlsRoute({ domain, tlsRoute }: Settings, problems: string[]): TlsRouting | undefined {
  if (tlsRoute === undefined)
    return undefined
  if (domain === undefined)
    problems.push('tlsRoute needs domain, under which each database has its name')
  const { address, gateway, namespace, port = 5432, sectionName, ...rest } = (tlsRoute ?? {}) as Record<string, unknown> // each is looked at
  const name = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/
  if (gateway !== undefined && isText(gateway, name) && namespace !== undefined && isText(namespace, name) && isText(sectionName, name) && isText(address, /^[\da-f.:]+$/i)
    && Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536 && Object.keys(rest).length === 0) {
    return { gateway, namespace, sectionName, port: Number(port), address }
  }
  problems.push('tlsRoute must be { gateway, namespace, sectionName, port, address }, such as gateway: databases, namespace: gateways and port: 5432')
  return undefined
}

function readPodMonitor(value: unknown, problems: string[]): PodMonitoring | undefined {
  if (value === undefined || value === false)
    return undefined
  const { interval, labels = {}, namespace, ...rest } = value === true ? {} : (value ?? {}) as Record<string, unknown> // each is looked at
  if (isRecordOfText(labels) && isText(namespace, /^[a-z0-9-]{1,63}$/) && isText(interval, /^\d+(?:ms|s|m)$/) && Object.keys(rest).length === 0 && ['object', 'boolean'].includes(typeof value))
    return { labels, namespace, interval }
  problems.push('podMonitor must be true, or { labels, namespace, interval }, such as labels: { release: prometheus } and interval: 30s')
  return undefined
}

function isText(value: unknown, pattern: RegExp): value is string | undefined {
  return value === undefined || (typeof value === 'string' && pattern.test(value))
}

function isRecordOfText(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every(text => typeof text === 'string')
}

/** Hard limits of a ResourceQuota, as Kubernetes names them. */
function readQuota(value: unknown, problems: string[]): Record<string, string> | undefined {
  if (value === undefined)
    return undefined
  if (typeof value === 'object' && value !== null && Object.values(value).every(limit => typeof limit === 'string' || typeof limit === 'number'))
    return Object.fromEntries(Object.entries(value).map(([name, limit]) => [name, String(limit)]))
  problems.push('quota must map names of a ResourceQuota to limits, such as requests.cpu: 16')
  return undefined
}
