import { readFileSync } from 'node:fs'

/** Howdah's own version, from the package that this file is in. */
export const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
