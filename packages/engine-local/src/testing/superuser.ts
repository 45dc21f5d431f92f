import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from './local-engine.ts'
import { maintenanceDatabase, superuserRole } from '@howdah/postgres'
import { placeOf } from '@howdah/testkit'
import { Client } from 'pg'
import { databasePaths } from '../paths.ts'
import { nameOfPlace } from '../places.ts'
import { readTopology } from '../replicas/topology.ts'
import { socketFolderFor } from '../socket-folder.ts'
import { readIdentity } from '../state.ts'

/** Work as the superuser, over the socket as the engine does: of the only instance, or of the one that listens at `port`. */
export async function asSuperuser<T>({ dataDir }: Pick<TestEngine, 'dataDir'>, spec: DatabaseSpec, database: string, work: (client: Client) => Promise<T>, port?: number): Promise<T> {
  const place = await placeOf(dataDir, spec.id)
  const identity = await readIdentity(databasePaths(place))
  const client = new Client({ host: await socketFolderFor(dataDir, nameOfPlace(place), undefined), port: port ?? identity?.port ?? 0, user: superuserRole, password: identity?.superuserPassword ?? '', database })
  await client.connect()
  try {
    return await work(client)
  }
  finally {
    await client.end()
  }
}

/** The same at one of several instances. Answers the rows of a statement. */
export async function atInstance(test: Pick<TestEngine, 'dataDir'>, spec: DatabaseSpec, ordinal: number, text: string): Promise<Record<string, unknown>[]> {
  const topology = await readTopology(databasePaths(await placeOf(test.dataDir, spec.id)).topology)
  const port = topology?.members.find(member => member.ordinal === ordinal)?.port
  return await asSuperuser(test, spec, maintenanceDatabase, async client => (await client.query<Record<string, unknown>>(text)).rows, port)
}
