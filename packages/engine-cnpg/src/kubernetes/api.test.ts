import type { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { scriptedServer, temporaryFolder, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KubeApi } from './api.ts'
import { resources } from './objects.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let server: ReturnType<typeof createServer>
let ca: Buffer
beforeAll(async () => {
  folder = await temporaryFolder()
  const [key, cert] = [join(folder.path, 'key'), join(folder.path, 'cert')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, '-days', '1', '-subj', '/CN=api', '-addext', 'subjectAltName=DNS:kubernetes,IP:192.0.2.1'], { stdio: 'ignore' })
  ca = readFileSync(cert)
  server = createServer({ key: readFileSync(key), cert: ca }, (_, response) => response.end('{"metadata":{"name":"here"}}'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await folder.remove()
})

describe('a server that is reached at another address than its certificate has', () => {
  async function ask(serverName: string): Promise<unknown> {
    const { port } = server.address() as AddressInfo // of a TCP server
    const api = new KubeApi({ server: `https://127.0.0.1:${port}`, ca, serverName, credential: async () => ({}) })
    try {
      return await api.get(resources.namespace, { name: 'here' })
    }
    finally {
      api.close()
    }
  }

  it.each(['kubernetes', '192.0.2.1'])('is taken for %s, which its certificate names', async (name) => {
    expect(await ask(name)).toEqual({ metadata: { name: 'here' } })
  })
  it.each(['elsewhere', '192.0.2.2'])('is not taken for %s', async (name) => {
    await expect(ask(name)).rejects.toMatchObject({ code: 'unavailable', cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } })
  })
})

describe('many things that are asked at once', () => {
  const waiting: ServerResponse[] = []
  const server = scriptedServer(() => ({ stream: response => void waiting.push(response) }))
  afterAll(async () => (await server).close())

  it('share a few connections, and streams that stay open take none of them', async () => {
    const { url } = await server
    const api = new KubeApi({ server: url, credential: async () => ({}) })
    try {
      await Promise.all(Array.from({ length: 100 }, async () => await api.stream('/watch')))
      waiting.length = 0
      const answers = Array.from({ length: 150 }, async () => await api.get(resources.namespace, { name: 'x' }))
      let most = 0
      for (let answered = 0; answered < answers.length;) {
        await until(() => waiting.length > 0, { deadlineMs: 10_000, everyMs: 1, what: 'another request has come' })
        most = Math.max(most, waiting.length)
        for (const response of waiting.splice(0)) {
          response.end('{"metadata":{"name":"x"}}')
          answered++
        }
      }
      await Promise.all(answers)
      expect(most).toBeGreaterThan(1)
      expect(most).toBeLessThanOrEqual(32)
    }
    finally {
      api.close()
    }
  })
})
