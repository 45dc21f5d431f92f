import type { Context } from './bench.ts'
import { Buffer } from 'node:buffer'
import { execFile } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openPrivatePostgres } from '@howdah/engine-local'
import { cache } from '../../tools/needs/cache.ts'
import { go } from '../../tools/needs/go.ts'
import { Missing } from '../../tools/needs/missing.ts'
import { root } from '../../tools/root.ts'
import { startPeer } from './peer.ts'

const run = promisify(execFile)

/** The Go server of peers/echo on our store, with a token for it; undefined where Go is missing. */
export async function echoPeer(context: Context, dataDir: string, projectId: string): Promise<{ url: string, pid: number, token: string } | undefined> {
  const program = join(cache, 'bench-echo')
  try {
    await run(await go(), ['build', '-o', program, '.'], { cwd: join(root, 'bench/peers/echo') })
  }
  catch (error) {
    if (!(error instanceof Missing))
      throw error
    context.note('the Go peer was left out: Go is missing')
    return undefined
  }
  // It runs already: this only tells how to connect. Closing it would shut it down.
  const { connection } = await openPrivatePostgres({ dataDir })
  const dsn = Object.entries({ ...connection, dbname: connection.database, sslmode: 'disable' }).filter(([key]) => key !== 'database').map(([key, value]) => `${key}='${value}'`).join(' ')
  const secret = randomBytes(32).toString('hex')
  const peer = await startPeer(context, program, [], { dsn, secret })
  return { ...peer, token: jwt(secret, { pid: projectId, exp: Math.floor(Date.now() / 1000) + 3600 }) }
}

function jwt(secret: string, claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
