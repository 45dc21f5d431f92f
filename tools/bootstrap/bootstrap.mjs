/**
 * The way from a fresh clone and any Node that can install the pinned one, to a script run by the pinned one. This
 * file and what imports it keep to syntax that a far too old Node can read: it must get as far as saying so.
 */
import process from 'node:process'

/**
 * Run `entry` with the pinned Node, the packages of package-lock.json and the arguments of this command.
 * @param {{ entry: string, withTests: boolean }} options - `withTests`: the development packages are needed too.
 */
export function bootstrap(options) {
  const version = process.versions.node
  if (Number(version.split('.')[0]) >= 20)
    return import('./prepare.mjs').then(({ prepare }) => prepare(options))
  console.error(`Howdah needs Node.js 20 or newer to install its own; this is ${version}.`)
  console.error('Next: install a current Node.js (https://nodejs.org/en/download) and run the command again.')
  process.exitCode = 1
}
