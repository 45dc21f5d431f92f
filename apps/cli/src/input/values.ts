import { UsageError } from '../usage-error.ts'

export function integer(text: string): number {
  if (!/^-?\d{1,15}$/.test(text))
    throw new UsageError(`"${text}" is not a whole number`)
  return Number(text)
}

export function decimal(text: string): number {
  if (!/^\d+(?:\.\d+)?$/.test(text))
    throw new UsageError(`"${text}" is not a number`)
  return Number(text)
}

const mib: Readonly<Record<string, number>> = { Mi: 1, Gi: 1024, Ti: 1024 * 1024 }

/** `10`, `10Gi`, `10GiB`, `1TiB` → GiB. */
export function gibibytes(text: string): number {
  return size(text, 'Gi') / 1024
}

/** `512`, `512Mi`, `2GiB` → MiB. */
export function mebibytes(text: string): number {
  return size(text, 'Mi')
}

function size(text: string, plainUnit: string): number {
  const [, amount, unit = plainUnit] = /^(\d+(?:\.\d+)?)(?:(Mi|Gi|Ti)B?)?$/.exec(text) ?? []
  const factor = mib[unit]
  if (amount === undefined || factor === undefined)
    throw new UsageError(`"${text}" is not a size`, 'Write it like 10, 512MiB or 1.5GiB.')
  return Number(amount) * factor
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `500ms`, `30s`, `10m`, `2h`, `7d` → milliseconds. */
export function duration(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|[smhd])$/.exec(text) ?? []
  const factor = units[unit]
  if (amount === undefined || factor === undefined)
    throw new UsageError(`"${text}" is not a duration`, 'Write it like 30s, 10m, 2h or 7d.')
  return Number(amount) * factor
}

/** `2h` ago, or a time as RFC 3339 has it → RFC 3339. */
export function moment(text: string, now: number): string {
  if (/^\d+(?:\.\d+)?(?:ms|[smhd])$/.test(text))
    return new Date(now - duration(text)).toISOString()
  // Date.parse takes a lot more, and guesses.
  const time = /^\d{4}-\d\d-\d\d(?:T|$)/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time))
    throw new UsageError(`"${text}" is neither a time nor a duration`, 'Write it like 2h (ago) or 2026-11-30T12:00:00Z.')
  return new Date(time).toISOString()
}
