import { EngineError } from '@howdah/engine'

/** PostgreSQL's own limit for names. */
export const longestName = 63

/** A name as SQL text. Refuses what PostgreSQL would cut off or cannot store, so that two names never become one. */
export function quoteIdentifier(name: string, pointer = ''): string {
  if (name === '' || name.includes('\0') || new TextEncoder().encode(name).length > longestName)
    throw new EngineError('invalid', `A name in PostgreSQL has 1 to ${longestName} bytes and no NUL character.`, { pointer })
  return `"${name.replaceAll('"', '""')}"`
}

/** A string as SQL text, for statements that take no parameters. Sessions of ours have standard_conforming_strings on. */
export function quoteLiteral(text: string): string {
  if (text.includes('\0'))
    throw new EngineError('invalid', 'PostgreSQL cannot store a NUL character.')
  const quoted = `'${text.replaceAll('\'', '\'\'')}'`
  return text.includes('\\')
    ? ` E${quoted.replaceAll('\\', '\\\\')}`
    : quoted
}
