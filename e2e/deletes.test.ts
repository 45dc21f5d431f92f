import type { Database, Operation } from '@howdah/contract'
import type { RunningServer } from './server.ts'
import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { readPlaces, until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { restartServer, startServer } from './server.ts'

let server: RunningServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => await server?.stop())

async function processesBelow(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const folders = await Promise.all(pids.map(async pid => await readlink(`/proc/${pid}/cwd`).catch(() => '')))
  return folders.filter(path => path.startsWith(folder))
}

it('kill -9 of the control plane while it deletes: what was acknowledged goes, with its servers, its data and its records', async () => {
  const names = ['one', 'two', 'three']
  const made = await Promise.all(names.map(async name => (await server.api<Database>('POST', '/api/databases', { body: { name }, isAwaited: true })).body))
  expect(made.map(database => database.phase)).toEqual(['ready', 'ready', 'ready'])
  const deletions = await Promise.all(names.map(async name => await server.api<Operation>('DELETE', `/api/databases/${name}`)))
  expect(deletions.map(answer => answer.status)).toEqual([202, 202, 202])
  server = await restartServer(server, 'SIGKILL')
  for (const [index, name] of names.entries()) {
    await until(async () => (await server.api('GET', `/api/databases/${name}`)).status === 404, { deadlineMs: 60_000, everyMs: 50, what: `${name} is gone` })
    expect((await server.api<Operation>('GET', `/api/operations/${deletions[index]!.body.id}`)).body.phase).toBe('succeeded')
  }
  const { databases, members } = await readPlaces(server.dataDir)
  expect(databases.size).toBe(0)
  const processes = await processesBelow(join(server.dataDir, 'databases'))
  expect(processes.filter(folder => !members.some(member => folder.startsWith(member)))).toEqual([])
  expect((await server.api<{ ok: boolean }>('GET', '/api/audit/verify')).body.ok).toBe(true)
})
