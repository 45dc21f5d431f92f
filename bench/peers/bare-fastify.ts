/** The floor of the bench `get`: the framework with one route that answers the same body, and nothing else. */
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import Fastify from 'fastify'

const { body } = JSON.parse(await text(process.stdin)) as { body: unknown } // from get.ts
const app = Fastify()
app.get('/api/databases/:name', async () => body)
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
