import { describeEngine } from '@howdah/engine/conformance'
import { temporaryFolder } from '@howdah/testkit'
import { Client } from 'pg'
import { createLocalEngine } from './index.ts'
import { testArchives } from './testing/archives.ts'
import { silentLog } from './testing/silent-log.ts'

describeEngine('the local engine', async () => {
  const folder = await temporaryFolder()
  return {
    createEngine: () => createLocalEngine({
      dataDir: folder.path,
      location: 'local',
      poolSize: 2,
      archives: testArchives(folder.path),
      log: silentLog,
    }),
    connect: async ({ observed, user, password, database }) => {
      const { endpoint } = observed
      if (!endpoint)
        throw new Error('there is no endpoint')
      const client = new Client({
        host: endpoint.host,
        port: endpoint.port,
        ssl: { ca: endpoint.caCertificate },
        user,
        password,
        database,
      })
      client.on('error', () => {}) // a cut connection fails the next query, which is what tests look at
      await client.connect()
      return {
        query: async (text) => {
          const result: unknown = await client.query(text)
          const last = Array.isArray(result)
            ? result.at(-1) as { rows: Record<string, unknown>[] }
            : result as { rows: Record<string, unknown>[] } // pg's own shapes
          return last.rows
        },
        close: async () => await client.end(),
      }
    },
    cleanup: folder.remove,
    // A drill waits until a commit is archived by itself, which takes a minute.
    deadlineMs: 110_000,
  }
})
