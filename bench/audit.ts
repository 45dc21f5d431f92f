import type { Pool } from 'pg'
import type { Bench } from './lib/bench.ts'
import { chainHash } from '../apps/server/src/domain/audit-chain.ts'
import { figure } from './lib/figure.ts'
import { startServer } from './lib/server.ts'
import { storeOf } from './lib/store.ts'

const batchSize = 5000

interface Verification { readonly ok: boolean, readonly entries: number }

export const audit: Bench = {
  name: 'audit',
  title: 'Verify the hash chain of the audit log',
  async run(context) {
    const [entries, rounds] = context.isQuick ? [20_000, 2] : [1_000_000, 5]
    const server = await startServer(context)
    const store = await storeOf(context, server)
    context.say(`writing ${entries} entries with their hashes`)
    const length = await append(store, entries)

    const samples: number[] = []
    for (let round = 0; round < rounds; round++) {
      const begun = performance.now()
      const verification = await server.api<Verification>('GET', '/api/audit/verify')
      samples.push((performance.now() - begun) / 1000)
      if (!verification.ok || verification.entries < length)
        throw new Error(`the chain of ${length} entries was verified as ${JSON.stringify(verification)}`)
    }

    context.say('the same hashes without a store around them')
    const hashing = Array.from({ length: rounds }, () => secondsToHash(entries))
    const floor = figure(`${entries.toLocaleString('en-US')} hashes in a row`, 's', hashing)
    return {
      figures: [
        figure(`GET /api/audit/verify of ${entries.toLocaleString('en-US')} entries`, 's', samples, { against: floor }),
        floor,
      ],
    }
  },
}

/** Goes on with the chain of the default project as the server would, many entries at a time. Answers its length. */
async function append(store: Pool, count: number): Promise<number> {
  const { rows: [head] } = await store.query<{ project_id: string, last_id: string, last_hash: string }>('select c.project_id, c.last_id, c.last_hash from chains c join projects p on p.id = c.project_id where p.name = \'default\'')
  if (head === undefined)
    throw new Error('the default project has no chain')
  const first = Number(head.last_id) + 1
  const last = Number(head.last_id) + count
  let hash = head.last_hash
  for (let from = first; from <= last; from += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, last - from + 1) }, (_, index) => {
      const prevHash = hash
      const row = entry(from + index)
      hash = chainHash(prevHash, row)
      return { ...row, prevHash, hash }
    })
    await store.query(`
      insert into audit_log (project_id, id, at, actor, actor_kind, project, action, target, outcome, source_ip, user_agent, request_id, changes, prev_hash, hash)
      select $1, id, at, actor, "actorKind", project, action, target, outcome, "sourceIp", "userAgent", "requestId", changes, "prevHash", hash
      from jsonb_to_recordset($2) as entry(id bigint, at timestamptz, actor text, "actorKind" text, project text, action text, target text, outcome text, "sourceIp" text, "userAgent" text, "requestId" text, changes jsonb, "prevHash" text, hash text)`, [head.project_id, JSON.stringify(batch)])
  }
  await store.query('update chains set last_id = $2, last_hash = $3 where project_id = $1', [head.project_id, last, hash])
  await store.query('analyze audit_log')
  return last
}

function entry(id: number) {
  return {
    id,
    at: new Date(Date.UTC(2026, 0, 1) + id * 1000).toISOString(),
    actor: `person-${id % 50}@example.org`,
    actorKind: 'user',
    project: 'default',
    action: 'databases.update',
    target: `database/orders-${id % 200}`,
    outcome: 'success',
    sourceIp: '192.0.2.17',
    userAgent: 'howdah-cli/0.1.0',
    requestId: '0194f1e2-7c3a-7b11-9d55-3f2a8c6e4b10',
    changes: { memoryMib: { from: 512, to: 1024 }, labels: { from: {}, to: { team: 'orders' } } },
  }
}

function secondsToHash(count: number): number {
  const begun = performance.now()
  let hash = ''
  for (let id = 1; id <= count; id++)
    hash = chainHash(hash, entry(id))
  return (performance.now() - begun) / 1000
}
