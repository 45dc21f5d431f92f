import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** How the journey reaches a server from here. */
export interface Reach {
  /** Whether a TCP connection is accepted within five seconds. */
  accepts: (host: string, port: number) => Promise<boolean>
  /** Output of a command over ssh with the key, undefined when there is no login. */
  ssh: (host: string, user: string, command: string) => Promise<string | undefined>
  readonly publicKey: string
}

/** Real connections, and a key that exists for as long as `work` takes. */
export async function withReach<T>(work: (reach: Reach) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'openstack-validate-'))
  const key = join(folder, 'key')
  const execute = promisify(execFile)
  try {
    await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'openstack-validate', '-f', key])
    return await work({
      publicKey: (await readFile(`${key}.pub`, 'utf8')).trim(),
      accepts,
      async ssh(host, user, command) {
        // A server that was made a minute ago has a host key that nobody can know.
        const options = ['BatchMode=yes', 'ConnectTimeout=10', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'IdentitiesOnly=yes'].flatMap(option => ['-o', option])
        return await execute('ssh', ['-i', key, ...options, `${user}@${host}`, command], { timeout: 30_000 }).then(({ stdout }) => stdout, () => undefined)
      },
    })
  }
  finally {
    await rm(folder, { recursive: true })
  }
}

async function accepts(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 5000 })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}
