/**
 * Generated requests, valid ones and broken ones in every way that schemathesis knows, over the whole API: the server
 * never fails, and never answers what openapi.json does not say.
 */
import type { RunningServer } from './server.ts'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endpoints } from '@howdah/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { python } from '../tools/needs/python.ts'
import { program } from './program.ts'
import { startServer } from './server.ts'

/** Enough for every check on every operation; the search through chains of calls goes on until then. */
const secondsAtMost = 240

let server: RunningServer
/** What generated requests must not delete, see fuzz/hooks.py. */
let keep: readonly string[]

beforeAll(async () => {
  server = await startServer({ HOWDAH_WARM_POOL: '4' })
  // Each database is a real PostgreSQL; a quota answers like any other refusal.
  const quota = await server.api('PATCH', '/api/projects/default', {
    body: { quota: { databases: 8 } },
  })
  const database = await server.api('POST', '/api/databases', {
    body: { name: 'fuzz', deletionProtection: true },
    isAwaited: true,
  })
  expect([quota.status, database.status]).toEqual([200, 201])
  const me = await server.api<{ apiKey: { id: string } }>('GET', '/api/auth/me')
  const people = await server.api<{ items: { id: string }[] }>('GET', '/api/users')
  keep = [me.body.apiKey.id, ...people.body.items.map(({ id }) => id)]
})
afterAll(async () => await server?.stop())

it('schemathesis finds no server error and no undocumented answer', async () => {
  const folder = join(server.dataDir, '..')
  const report = join(folder, 'report.json')
  // As a file: what it reads from a server, it does not test there.
  const description = join(folder, 'openapi.json')
  await writeFile(description, await (await fetch(`${server.url}/api/openapi.json`)).text())
  const { code, stdout, stderr } = await program(join(await python(), 'schemathesis'), [
    `--config-file=${fileURLToPath(new URL('fuzz/schemathesis.toml', import.meta.url))}`,
    'run',
    description,
    `--url=${server.url}`,
    '--checks=all',
    `--max-time=${secondsAtMost}`,
    '--no-color',
    `--report-json-path=${report}`,
  ], {
    cwd: folder,
    env: {
      SCHEMATHESIS_HOOKS: fileURLToPath(new URL('fuzz/hooks.py', import.meta.url)),
      HOWDAH_TEST_TOKEN: server.token,
      HOWDAH_TEST_KEEP: keep.join(','),
    },
  })
  if (code !== 0)
    throw new Error(`${whatWasFound(stdout)}${stderr}`)
  const { operations } = JSON.parse(await readFile(report, 'utf8')) as { operations: { tested: number, errored: number } }
  expect(operations).toMatchObject({ tested: Object.keys(endpoints).length, errored: 0 })
})

/** The seed, and what comes behind the banner and the progress: of a failure, the end of a run shows a few lines only. */
function whatWasFound(output: string): string {
  const seed = /^Seed: \d+$/m.exec(output)?.[0] ?? 'Seed: not told'
  const found = output.search(/^=+ (?:ERRORS|FAILURES|WARNINGS) =+$/m)
  return `${seed}\n${found === -1 ? output : output.slice(found)}`
}
