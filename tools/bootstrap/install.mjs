import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pinnedNode, pinnedNodePackage } from './pinned-node.mjs'
import { showProgress } from './progress.mjs'
import { Refusal } from './refusal.mjs'
import { root } from './root.mjs'

/**
 * Is node_modules what package-lock.json says, for this platform? npm keeps a record of what it installed, so an
 * install by hand counts, and one that was interrupted (npm writes the record last) does not.
 * @param {{ withTests: boolean }} options
 */
export function isInstalled({ withTests }) {
  const have = packagesOf('node_modules/.package-lock.json')
  if (!have || !existsSync(pinnedNode))
    return false
  return Object.entries(packagesOf('package-lock.json') ?? {}).every(([path, wanted]) => {
    if (!path.includes('node_modules/'))
      return true
    const installed = have[path]
    if (installed)
      return installed.version === wanted.version && installed.integrity === wanted.integrity
    return wanted.optional || wanted.devOptional || (wanted.dev && !withTests)
  })
}

/**
 * `npm ci`. A development install stays one.
 * @param {{ withTests: boolean }} options
 */
export async function installPackages({ withTests }) {
  const full = withTests || existsSync(join(root, 'node_modules', 'typescript'))
  const args = [
    'ci',
    ...(full
      ? []
      : ['--omit=dev']),
    '--no-audit',
    '--no-fund',
    // npm would warn once for each package that wants a newer Node than the one that installs the newer Node.
    '--loglevel=error',
    '--no-progress',
    // npm's own waits make somebody without a network look at nothing for more than a minute.
    '--fetch-retries=3',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
  ]
  const progress = showProgress(existsSync(join(root, 'node_modules'))
    ? 'Installing the packages of this version'
    : 'Installing Node.js, PostgreSQL and packages (the first time only)')
  const { code, output } = await npm(args)
  progress.end(code === 0)
  if (code !== 0)
    throw failure(output)
  if (!existsSync(pinnedNode)) {
    throw new Refusal(
      `npm could not get ${pinnedNodePackage}, the Node.js that Howdah runs on. It skips such packages silently when a download breaks.`,
      'delete the folder node_modules and run the command again.',
    )
  }
}

/** @returns {Record<string, { version?: string, integrity?: string, dev?: boolean, optional?: boolean, devOptional?: boolean }> | undefined} what a lockfile lists; undefined when there is none or it cannot be read, which asks for an install */
function packagesOf(lockfile) {
  try {
    return JSON.parse(readFileSync(join(root, lockfile), 'utf8')).packages
  }
  catch {
    return undefined
  }
}

function npm(args) {
  // Under `npm run`, the npm that was called; otherwise whichever the PATH has.
  const [command, first] = process.env.npm_execpath?.endsWith('npm-cli.js')
    ? [
        process.execPath,
        [process.env.npm_execpath],
      ]
    : ['npm', []]
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(command, [
      ...first,
      ...args,
    ], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.on('data', text => output += text)
    child.stderr.on('data', text => output += text)
    child.once('error', error => resolve({ code: 1, output: error.message }))
    child.once('close', code => resolve({ code, output }))
  })
}

function failure(output) {
  const said = output.split('\n').filter(line => /^npm error (?! {2})/.test(line)).slice(0, 4).join('\n') || output.trim()
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/.test(output))
    return new Refusal(`npm cannot reach its registry:\n${said}`, 'connect to the internet, or name a mirror or proxy (`npm config set registry URL`, `npm config set proxy URL`), and run the command again.')
  if (/ENOSPC/.test(output))
    return new Refusal(`The disk is full:\n${said}`, 'free about 1 GiB and run the command again.')
  if (/EACCES|EPERM/.test(output))
    return new Refusal(`npm may not write here:\n${said}`, `give your account this folder (\`sudo chown -R "$USER" ${root}\`) and run the command again.`)
  return new Refusal(`npm could not install the packages:\n${said}`, 'mend what npm says above and run the command again; `npm ci` shows all of it.')
}
