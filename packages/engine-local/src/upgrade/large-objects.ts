import type { Session } from '@howdah/postgres'
import type { Buffer } from 'node:buffer'
import type { Grant } from './privileges.ts'
import { quoteIdentifier, quoteLiteral } from '@howdah/postgres'
import { grantsOf, grantStatements } from './privileges.ts'

const chunkBytes = 2 ** 20

/** Large objects under the numbers that they have, with owners and privileges. Answers how many there are. */
export async function copyLargeObjects(from: Session, to: Session): Promise<number> {
  const objects = await from.query<{ id: string, owner: string, grants: readonly Grant[] | null, comment: string | null }>(`
    select m.oid::text as id, r.rolname as owner, ${grantsOf('m.lomacl')} as grants, obj_description(m.oid, 'pg_largeobject') as comment
    from pg_catalog.pg_largeobject_metadata m join pg_catalog.pg_roles r on r.oid = m.lomowner order by m.oid`)
  for (const { comment, grants, id, owner } of objects) {
    await to.query('select pg_catalog.lo_create($1::oid)', [id])
    for (let at = 0; ; at += chunkBytes) {
      const [row] = await from.query<{ bytes: Buffer }>('select pg_catalog.lo_get($1::oid, $2, $3) as bytes', [id, at, chunkBytes])
      if (!row || row.bytes.length === 0)
        break
      await to.query('select pg_catalog.lo_put($1::oid, $2, $3)', [id, at, row.bytes])
      if (row.bytes.length < chunkBytes)
        break
    }
    const object = `large object ${id}`
    await to.query([
      `alter ${object} owner to ${quoteIdentifier(owner)}`,
      ...grants === null ? [] : grantStatements(object, owner, grants, [owner]),
      ...comment === null ? [] : [`comment on ${object} is ${quoteLiteral(comment)}`],
    ].join(';\n'))
  }
  return objects.length
}
