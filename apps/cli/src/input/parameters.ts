import type { Parameter } from '../command.ts'
import { UsageError } from '../usage-error.ts'

type Extras = Pick<Parameter<unknown>, 'field' | 'completes'>

/** A word that must be given. */
export function argument(name: string, description: string, extras: Extras = {}): Parameter<string> {
  return { kind: 'argument', usage: `<${name}>`, description, read: raw => String(raw), ...extras }
}

export function optionalArgument(name: string, description: string, extras: Extras = {}): Parameter<string | undefined> {
  return { kind: 'argument', usage: `[${name}]`, description, read: raw => raw === undefined ? undefined : String(raw), ...extras }
}

/** All the words that are left: one at least where they are `required`. */
export function remainingArguments(name: string, description: string, { required }: { readonly required: boolean }): Parameter<readonly string[]> {
  return { kind: 'argument', usage: required ? `<${name}...>` : `[${name}...]`, description, read: strings }
}

/** Every database command begins with it. */
export const databaseName = argument('NAME', 'Name of the database', { completes: 'database' })

export function flag(usage: string, description: string, extras: Extras = {}): Parameter<boolean | undefined> {
  return { kind: 'option', usage, description, read: raw => typeof raw === 'boolean' ? raw : undefined, ...extras }
}

/** An option with one value; undefined when it is not given. */
export function text(usage: string, description: string, extras: Extras = {}): Parameter<string | undefined> {
  return { kind: 'option', usage, description, read: raw => raw === undefined ? undefined : String(raw), ...extras }
}

/** An option whose value is read by `parse`; undefined when it is not given. */
export function option<T>(usage: string, description: string, parse: (text: string) => T, extras: Extras = {}): Parameter<T | undefined> {
  return {
    kind: 'option',
    usage,
    description,
    read: raw => raw === undefined ? undefined : named(usage, () => parse(String(raw))),
    ...extras,
  }
}

export function choice<const T extends string>(usage: string, description: string, choices: readonly T[], extras: Extras = {}): Parameter<T | undefined> {
  return {
    kind: 'option',
    usage,
    description,
    choices,
    // commander has refused all others.
    read: raw => raw as T | undefined,
    ...extras,
  }
}

/** An option that may be repeated. */
export function list(usage: string, description: string, extras: Extras = {}): Parameter<readonly string[] | undefined> {
  return { kind: 'option', usage, description, isMany: true, read: raw => raw === undefined ? undefined : strings(raw), ...extras }
}

/** A repeated `key=value`. */
export function pairs(usage: string, description: string, extras: Extras = {}): Parameter<Readonly<Record<string, string>> | undefined> {
  return {
    kind: 'option',
    usage,
    description,
    isMany: true,
    read: raw => raw === undefined ? undefined : named(usage, () => pairsOf(strings(raw))),
    ...extras,
  }
}

/** `key=value` words as an object. */
export function pairsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => {
    const equals = word.indexOf('=')
    if (equals < 1)
      throw new UsageError(`"${word}" is not key=value`)
    return [word.slice(0, equals), word.slice(equals + 1)]
  }))
}

function strings(raw: unknown): readonly string[] {
  return Array.isArray(raw) ? raw.map(String) : []
}

function named<T>(usage: string, parse: () => T): T {
  try {
    return parse()
  }
  catch (error) {
    if (error instanceof UsageError)
      throw new UsageError(`${usage.replace(/^-\w, /, '').split(' ')[0]}: ${error.message}`, error.nextStep)
    throw error
  }
}
