import { readFile, writeFile } from 'node:fs/promises'
import { inject } from 'vitest'

/** What the account's kubeconfig consists of. */
export interface KubeconfigOfAccount {
  readonly clusters: readonly [{
    readonly name: string
    readonly cluster: { readonly 'server': string, readonly 'certificate-authority-data': string }
  }]
}

export async function readAccountKubeconfig(): Promise<KubeconfigOfAccount> {
  return JSON.parse(await readFile(inject('cluster').accountKubeconfig, 'utf8')) as KubeconfigOfAccount // our own
}

/** The same account, by another way to the API. */
export async function writeAccountKubeconfig(path: string, cluster: Readonly<Record<string, string>>): Promise<void> {
  const config = await readAccountKubeconfig()
  const [{ name }] = config.clusters
  await writeFile(path, JSON.stringify({ ...config, clusters: [{ name, cluster }] }), { mode: 0o600 })
}
