import type { Credential } from './kubeconfig.ts'
import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { EngineError } from '@howdah/engine'

const run = promisify(execFile)
const runWithinMs = 30_000
/** Our own environment holds secrets that are not the program's; what else it needs stands in the kubeconfig. */
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** A credential is renewed this long before it ends. */
const earlyMs = 30_000

/** The `exec` part of a kubeconfig's user: a program that prints an ExecCredential. */
export interface ExecConfig {
  readonly command: string
  readonly apiVersion?: string
  readonly args?: readonly string[] | null
  readonly env?: readonly { readonly name: string, readonly value: string }[] | null
}

interface ExecStatus {
  readonly token?: string
  readonly clientCertificateData?: string
  readonly clientKeyData?: string
  readonly expirationTimestamp?: string
}

/** What the program printed last, until it ends. The program belongs to the operator of this installation, as the file that names it does. */
export function execCredential(config: ExecConfig, folder: string): () => Promise<Credential> {
  let held: { readonly credential: Credential, readonly until: number } | undefined
  let renewal: Promise<Credential> | undefined
  return async () => {
    if (held && Date.now() < held.until)
      return held.credential
    renewal ??= renew().finally(() => renewal = undefined)
    return await renewal
  }

  async function renew(): Promise<Credential> {
    const status = await askProgram(config, folder)
    const credential = {
      ...status.token === undefined ? {} : { token: status.token },
      ...status.clientCertificateData === undefined || status.clientKeyData === undefined ? {} : { cert: status.clientCertificateData, key: status.clientKeyData },
    }
    held = {
      credential,
      until: status.expirationTimestamp === undefined ? Number.POSITIVE_INFINITY : Date.parse(status.expirationTimestamp) - earlyMs,
    }
    return credential
  }
}

async function askProgram(config: ExecConfig, folder: string): Promise<ExecStatus> {
  const apiVersion = config.apiVersion ?? 'client.authentication.k8s.io/v1'
  // A relative path is relative to the kubeconfig; a bare name is looked for in PATH.
  const command = config.command.includes('/') ? resolve(folder, config.command) : config.command
  try {
    const { stdout } = await run(command, [...config.args ?? []], {
      timeout: runWithinMs,
      env: {
        PATH: systemPath,
        HOME: homedir(),
        ...Object.fromEntries((config.env ?? []).map(({ name, value }) => [name, value])),
        KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } }),
      },
    })
    return (JSON.parse(stdout) as { status?: ExecStatus }).status ?? {} // the documented shape of ExecCredential
  }
  catch (error) {
    // What it printed may be a credential, so only that it failed is said.
    throw new EngineError('unavailable', `The program "${config.command}" of the kubeconfig gave no credential.`, { cause: error instanceof Error && 'code' in error ? error.code : undefined })
  }
}
