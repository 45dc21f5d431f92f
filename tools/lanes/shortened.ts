import { stripVTControlCharacters } from 'node:util'

const mostLines = 12
const mostCharacters = 1200

/** What is said of a failure at the end of a run: enough to know what it was, when nothing but the end was kept. */
export function shortened(messages: readonly string[]): string {
  return stripVTControlCharacters(messages.join('\n')).split('\n').filter(line => line.trim() !== '').slice(0, mostLines).join('\n').slice(0, mostCharacters)
}
