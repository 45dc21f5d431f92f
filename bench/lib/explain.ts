import type { Pool } from 'pg'
import type { Db } from '../../apps/server/src/store/db.ts'
import type { Schema } from '../../apps/server/src/store/schema.ts'
import { Kysely, PostgresDialect } from 'kysely'

interface Plan {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly 'Plans'?: readonly Plan[]
}

export interface Explained {
  /** From the root to the leaves: node types, and indexes where they use one. */
  readonly nodes: readonly string[]
  readonly executionMs: number
  readonly sql: string
  readonly plan: unknown
}

/** How PostgreSQL runs the one statement that `work` makes: a plan that changes is seen before it hurts. */
export async function explain(store: Pool, work: (db: Db) => Promise<unknown>): Promise<Explained> {
  const statements: { sql: string, parameters: readonly unknown[] }[] = []
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: store }),
    log: ({ level, query }) => void (level === 'query' && statements.push(query)),
  })
  await work(db)
  const [statement] = statements
  if (statement === undefined || statements.length > 1)
    throw new Error(`there are ${statements.length} statements to explain`)
  const { rows: [row] } = await store.query<{ 'QUERY PLAN': readonly [{ 'Plan': Plan, 'Execution Time': number }] }>(`explain (analyze, buffers, format json) ${statement.sql}`, [...statement.parameters])
  const [explained] = row!['QUERY PLAN']
  return { nodes: nodesOf(explained.Plan), executionMs: explained['Execution Time'], sql: statement.sql, plan: explained.Plan }
}

function nodesOf(plan: Plan): string[] {
  const index = plan['Index Name']
  return [index === undefined ? plan['Node Type'] : `${plan['Node Type']} on ${index}`, ...(plan.Plans ?? []).flatMap(nodesOf)]
}
