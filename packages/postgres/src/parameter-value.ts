import type { Setting } from './catalogue.ts'

const memoryUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
}
const timeUnits: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Why PostgreSQL would not take this value, undefined when it would. The rules of its manual, section 19.1.1. */
export function refuseValue(setting: Setting, value: string): string | undefined {
  if (/\p{Cc}/u.test(value))
    return 'A value has no control characters.'
  if (value.length > 1024)
    return 'A value has at most 1024 characters.'
  switch (setting.vartype) {
    case 'bool':
      return isBool(value)
        ? undefined
        : 'It is on or off.'
    case 'enum': {
      const values = setting.enumvals ?? []
      // Aliases such as `true` for `on` are not in the list but taken.
      const isAlias = isBool(value) && (values.includes('on') || values.includes('off'))
      return values.includes(value.toLowerCase()) || isAlias
        ? undefined
        : `It is one of ${values.join(', ')}.`
    }
    case 'string':
      return undefined
    default:
      return refuseNumber(setting, value.trim())
  }
}

function isBool(value: string): boolean {
  const text = value.toLowerCase()
  return ['on', 'off', '1', '0'].includes(text)
    || text === 'of'
    || (text !== '' && ['true', 'false', 'yes', 'no'].some(word => word.startsWith(text)))
}

function refuseNumber(setting: Setting, value: string): string | undefined {
  const parts = /^([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)\s*([a-z]*)$/i.exec(value)
  if (!parts?.[1]) {
    return setting.unit
      ? `It is a number with a unit, such as 10${exampleUnit(setting.unit)}.`
      : 'It is a number.'
  }
  const inBase = toBase(Number(parts[1]), parts[2] ?? '', setting.unit)
  if (inBase === undefined) {
    return setting.unit
      ? `Its unit is one of ${unitsFor(setting.unit).join(', ')}.`
      : 'It has no unit.'
  }
  // PostgreSQL rounds integers to the next one after it converted them.
  const number = setting.vartype === 'integer'
    ? Math.round(inBase)
    : inBase
  const [min, max] = [
    Number(setting.min_val),
    Number(setting.max_val),
  ]
  return number < min || number > max
    ? `It is between ${min} and ${max}${setting.unit
      ? ` (in units of ${setting.unit})`
      : ''}.`
    : undefined
}

/** A number with the unit that the user gave, in the setting's own unit. */
function toBase(number: number, unit: string, base: string | null): number | undefined {
  if (unit === '')
    return number
  if (base === null)
    return undefined
  const [, count, name] = /^(\d*)([a-z]+)$/i.exec(base) ?? []
  const units = memoryUnits[name ?? ''] === undefined
    ? timeUnits
    : memoryUnits
  const [from, to] = [units[unit], units[name ?? '']]
  return from === undefined || to === undefined
    ? undefined
    : number * from / (to * Number(count || 1))
}

function unitsFor(base: string): string[] {
  return Object.keys(base.endsWith('B')
    ? memoryUnits
    : timeUnits)
}

function exampleUnit(base: string): string {
  return base.endsWith('B')
    ? 'MB'
    : base.replace(/^\d+/, '')
}
