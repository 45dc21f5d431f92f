import type { KubeObject } from './kubernetes/objects.ts'

/** What is kept of a ResourceQuota: amounts as numbers, by the names that Kubernetes gives them. */
export interface QuotaView {
  readonly namespace: string
  readonly hard: Readonly<Record<string, number>>
  readonly used: Readonly<Record<string, number>>
}

interface QuotaObject extends KubeObject {
  readonly status?: { readonly hard?: Readonly<Record<string, string>>, readonly used?: Readonly<Record<string, string>> }
}

export function quotaView(object: KubeObject): QuotaView {
  const { metadata, status = {} } = object as QuotaObject // the API's documented shape
  return { namespace: metadata.namespace ?? '', hard: amounts(status.hard), used: amounts(status.used) }
}

/**
 * Names of what the quotas have too little of for `needs`. Kubernetes tells it to whoever creates an object, and that is the operator,
 * which only says it in its own log.
 */
export function shortages(quotas: readonly QuotaView[], needs: Readonly<Record<string, number>>): string[] {
  const short = quotas.flatMap(({ hard, used }) => Object.entries(needs)
    .filter(([name, needed]) => needed > (hard[name] ?? Infinity) - (used[name] ?? 0))
    .map(([name]) => name))
  return [...new Set(short)].sort()
}

function amounts(quantities: Readonly<Record<string, string>> = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(quantities).map(([name, quantity]) => [name, amountOf(quantity)]))
}

const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const decimal = ['', 'k', 'M', 'G', 'T', 'P', 'E']

/** A quantity of Kubernetes as a number: `100m` is 0.1, `1Gi` is 2^30. NaN for what is none. */
export function amountOf(quantity: string): number {
  const [, digits = '', unit = ''] = /^([\d.]+(?:e[+-]?\d+)?)(m|[KMGTPE]i|[kMGTPE])?$/.exec(quantity) ?? []
  if (digits === '')
    return Number.NaN
  if (unit === 'm')
    return Number(digits) / 1000
  return Number(digits) * (unit.endsWith('i') ? 1024 ** binary.indexOf(unit) : 1000 ** decimal.indexOf(unit))
}
