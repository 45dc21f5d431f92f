import { Buffer } from 'node:buffer'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { inClusterAccess, kubeconfigAccess } from './kubeconfig.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => folder = await temporaryFolder())
afterAll(async () => await folder.remove())

const base64 = (text: string): string => Buffer.from(text).toString('base64')

async function kubeconfig(user: object, cluster: object = {}): Promise<string> {
  const path = join(folder.path, `${crypto.randomUUID()}.yaml`)
  await writeFile(path, stringify({
    'current-context': 'here',
    'contexts': [{ name: 'here', context: { cluster: 'c', user: 'u' } }, { name: 'there', context: { cluster: 'd', user: 'u' } }],
    'clusters': [{ name: 'c', cluster: { server: 'https://c.example:6443', ...cluster } }, { name: 'd', cluster: { server: 'https://d.example' } }],
    'users': [{ name: 'u', user }],
  }))
  return path
}

describe('a kubeconfig', () => {
  it('gives server, authority and client certificate of its current context', async () => {
    const access = await kubeconfigAccess(await kubeconfig(
      { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
      { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'api' },
    ))
    expect(access).toMatchObject({ server: 'https://c.example:6443', ca: Buffer.from('CA'), serverName: 'api' })
    expect(await access.credential()).toEqual({ cert: Buffer.from('CERT'), key: Buffer.from('KEY') })
  })

  it('gives another context when one is named, and refuses one that is not there', async () => {
    const path = await kubeconfig({ token: 't' })
    expect((await kubeconfigAccess(path, 'there')).server).toBe('https://d.example')
    await expect(kubeconfigAccess(path, 'nowhere')).rejects.toThrow(/no context "nowhere"/)
  })

  it('reads files beside it, and reads a token again when it was renewed', async () => {
    await writeFile(join(folder.path, 'token'), 'first\n')
    const access = await kubeconfigAccess(await kubeconfig({ tokenFile: 'token' }))
    expect(await access.credential()).toEqual({ token: 'first' })
    await writeFile(join(folder.path, 'token'), 'second\n')
    expect(await access.credential()).toEqual({ token: 'second' })
  })

  it('asks an exec plugin, once for as long as its answer holds, with nothing of our environment', async () => {
    const plugin = join(folder.path, 'plugin.sh')
    await writeFile(plugin, `#!/bin/sh
echo run >> '${folder.path}/runs'
echo "{\\"status\\":{\\"token\\":\\"$1-$GREETING-\${HOWDAH_SECRET_KEY:-nothing}\\",\\"expirationTimestamp\\":\\"2999-01-01T00:00:00Z\\"}}"
`)
    await chmod(plugin, 0o755)
    process.env.HOWDAH_SECRET_KEY = 'must not be seen'
    try {
      const access = await kubeconfigAccess(await kubeconfig({ exec: { command: './plugin.sh', args: ['arg'], env: [{ name: 'GREETING', value: 'hello' }] } }))
      expect(await access.credential()).toEqual({ token: 'arg-hello-nothing' })
      expect(await access.credential()).toEqual({ token: 'arg-hello-nothing' })
    }
    finally {
      delete process.env.HOWDAH_SECRET_KEY
    }
  })

  it('does not repeat what a failing plugin printed', async () => {
    const access = await kubeconfigAccess(await kubeconfig({ exec: { command: '/bin/sh', args: ['-c', 'echo secret-token; exit 1'] } }))
    const error: unknown = await access.credential().catch((error: unknown) => error)
    expect(String(error)).toMatch(/gave no credential/)
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret-token')
  })

  it('that cannot be read says what to do', async () => {
    await expect(kubeconfigAccess(join(folder.path, 'absent'))).rejects.toThrow(/cannot be read/)
    await expect(inClusterAccess(folder.path)).rejects.toThrow(/name a kubeconfig/)
  })
})
