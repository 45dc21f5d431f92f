import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@howdah/testkit/until'
import { command, succeeds } from '../../tools/command.ts'
import { programPath } from './build/programs.ts'

/** A Kubernetes that is an API and nothing else: no nodes, no controllers, and no definitions but its own. */
export interface BareApi {
  /** Path of the administrator's. */
  readonly kubeconfig: string
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>
  readonly remove: () => Promise<void>
}

const token = 'administrator'

/** Start one on ports of this machine's own address that the system chooses. */
export async function bareApi(): Promise<BareApi> {
  const folder = await mkdtemp(join(tmpdir(), 'howdah-bare-api-'))
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()]
  const [etcd, etcdPeer] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`]
  const kubeconfig = join(folder, 'admin.conf')
  const key = join(folder, 'service-accounts.key')
  const tokens = join(folder, 'tokens.csv')
  const children: ChildProcess[] = []
  const remove = async (): Promise<void> => {
    // The API first: it would complain of its store.
    for (const child of children.reverse()) {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
      child.kill('SIGKILL')
      await ended
    }
    await rm(folder, { recursive: true, maxRetries: 5 })
  }
  const kubectl: BareApi['kubectl'] = async (args, input = '') => await command(await programPath('kubectl'), ['--kubeconfig', kubeconfig, ...args], { input })

  await command('openssl', ['genrsa', '-out', key, '2048'])
  await writeFile(tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 })
  try {
    children.push(await start(folder, await programPath('etcd'), [
      `--data-dir=${join(folder, 'etcd')}`,
      '--unsafe-no-fsync',
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${etcdPeer}`,
      `--initial-advertise-peer-urls=${etcdPeer}`,
      `--initial-cluster=default=${etcdPeer}`,
    ]))
    children.push(await start(folder, await programPath('kube-apiserver'), [
      `--etcd-servers=${etcd}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      // It is nowhere to be found but here.
      '--endpoint-reconciler-type=none',
      `--secure-port=${port}`,
      // It makes a certificate that vouches for itself.
      `--cert-dir=${folder}`,
      `--token-auth-file=${tokens}`,
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      '--service-cluster-ip-range=10.97.0.0/24',
      '--authorization-mode=RBAC',
    ]))
    const certificate = await until(async () => await readFile(join(folder, 'apiserver.crt')).catch(() => undefined), { deadlineMs: 60_000, everyMs: 100, what: 'the API server has a certificate' })
    await writeFile(kubeconfig, JSON.stringify({
      'apiVersion': 'v1',
      'kind': 'Config',
      'clusters': [{ name: 'bare', cluster: { 'server': `https://127.0.0.1:${port}`, 'certificate-authority-data': certificate.toString('base64') } }],
      'users': [{ name: 'admin', user: { token } }],
      'contexts': [{ name: 'bare', context: { cluster: 'bare', user: 'admin' } }],
      'current-context': 'bare',
    }), { mode: 0o600 })
    const program = await programPath('kubectl')
    await until(async () => {
      const ended = children.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)
      if (ended)
        throw new Error(`${ended.spawnfile} ended; the last that it wrote:\n${(await readFile(join(folder, 'log'), 'utf8')).split('\n').slice(-20).join('\n')}`)
      return await succeeds(program, ['--kubeconfig', kubeconfig, 'get', '--raw', '/readyz'])
    }, { deadlineMs: 120_000, everyMs: 200, what: 'the API server is ready' })
    // Its own namespaces come a moment later.
    for (const namespace of ['default', 'kube-system'])
      await kubectl(['wait', '--for=create', `namespace/${namespace}`, '--timeout=60s'])
    return { kubeconfig, kubectl, remove }
  }
  catch (error) {
    await remove()
    throw error
  }
}

async function start(folder: string, program: string, args: readonly string[]): Promise<ChildProcess> {
  const log = await open(join(folder, 'log'), 'a')
  const child = spawn(program, args, { stdio: ['ignore', log.fd, log.fd] })
  await once(child, 'spawn')
  await log.close()
  return child
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number } // of a TCP server
  server.close()
  await once(server, 'close')
  return port
}
