#!/usr/bin/env node
import type { AddressInfo } from 'node:net'
import type { ControlPlane } from './compose.ts'
import type { Config } from './config.ts'
import type { Logger } from './telemetry/log.ts'
import { randomBytes } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { ConfigError, readConfig } from './config.ts'
import { becomeFrugal } from './frugal.ts'
import { version } from './version.ts'

/** What is still running after this long is cut: an init system would not wait longer either. */
const drainDeadlineMs = 20_000

async function main(): Promise<void> {
  if (process.argv[2] === 'archive') {
    const { archiveCommand } = await import('./archive-command.ts')
    return await archiveCommand(process.argv.slice(3))
  }
  const config = readConfig()
  // Before the program is loaded: from its second start on nothing is compiled, which takes half the time and 20 MB.
  // Not in the system's folder for temporary files, where others could have put something.
  const compiled = join(config.dataDir, 'compiled')
  becomeFrugal(compiled)
  enableCompileCache(compiled)
  const [{ compose }, { createLog }] = await Promise.all([import('./compose.ts'), import('./telemetry/log.ts')])
  const log = createLog(config.log.level, config.log.format)
  const plane = await compose(config, log)
  if (plane.app)
    await serve(config, log, plane, plane.app)
  await plane.health?.listen({ host: config.host, port: config.healthPort ?? 0 })
  drainOnSignal(log, plane)
}

async function serve(config: Config, log: Logger, plane: ControlPlane, app: NonNullable<ControlPlane['app']>): Promise<void> {
  await app.listen({ host: config.host, port: config.port })
  const { port } = app.server.address() as AddressInfo
  const host = config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  plane.setPublicUrl(address)
  await writeLocalAccess(config, plane, address)
  log.info({ address, version }, 'howdah is ready')
  welcome(config, plane, config.publicUrl ?? address)
}

/** What lets the CLI on this machine work without a login: readable by whoever runs the server, and by nobody else. */
async function writeLocalAccess(config: Config, plane: ControlPlane, address: string): Promise<void> {
  const path = join(config.dataDir, 'cli.json')
  const { localToken } = await import('./domain/local-token.ts')
  const token = await localToken(plane.domain, path)
  // Another process of this installation may start now.
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, `${JSON.stringify({ url: address, token }, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  await rename(draft, path)
}

/** To the terminal and not through the log: a generated password must never stand in a log file. */
function welcome(config: Config, plane: ControlPlane, address: string): void {
  const { generatedPassword } = plane.installation
  const isFirst = generatedPassword !== undefined
  if (!isFirst && !process.stdout.isTTY)
    return
  // As a package it is JavaScript, and the command is installed beside it.
  const command = import.meta.url.endsWith('.ts') ? 'npm run -s howdah --' : 'npx howdah'
  const lines = [
    '',
    `  Howdah ${version} is ready at ${address}`,
    '',
    ...(isFirst ? [`  Sign in as   ${config.admin.email}`, `  Password     ${generatedPassword}   (shown this once)`, ''] : []),
    '  Next, in another terminal:',
    `    ${command} db create hello`,
    `    ${command} db psql hello`,
    '',
    `  API reference   ${address}/api/docs`,
    '  Stop with Ctrl-C; databases run on.',
    '',
    '',
  ]
  process.stdout.write(lines.join('\n'))
}

function drainOnSignal(log: Logger, plane: ControlPlane): void {
  let beganAt: number | undefined
  const drain = (signal: NodeJS.Signals): void => {
    // A terminal and npm both pass Ctrl-C on: the same wish, twice. A later signal is somebody who does not want to wait.
    if (beganAt !== undefined && performance.now() - beganAt < 1000)
      return
    if (beganAt !== undefined)
      process.exit(1)
    beganAt = performance.now()
    log.info({ signal }, 'draining: no new work, running requests end')
    const deadline = setTimeout(() => {
      log.warn('draining took too long; what still ran was cut')
      process.exit(1)
    }, drainDeadlineMs)
    deadline.unref()
    plane.drain().then(() => {
      log.info('stopped')
      process.exit(0)
    }, (error: unknown) => {
      log.error({ err: error }, 'draining failed')
      process.exit(1)
    })
  }
  process.on('SIGTERM', drain)
  process.on('SIGINT', drain)
}

main().catch((error: unknown) => {
  // Configuration and environment are the operator's to mend: a sentence helps more than a stack.
  process.stderr.write(error instanceof ConfigError ? `${error.message}\n` : `Howdah cannot start: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
