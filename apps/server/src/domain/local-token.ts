import type { Domain } from './domain.ts'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { operatorActions } from '@howdah/contract'
import { apiKeyRights, deleteApiKeys, insertApiKey } from '../store/api-keys.ts'
import { hashOfApiKey, isApiKey, makeApiKey } from './api-key-format.ts'
import { change, system } from './change.ts'

/**
 * The API key with which the CLI works on the machine where the server runs, for the first operator and the project
 * that was made first. The one in the file is kept while it is good; otherwise it is replaced. Undefined when there is
 * no operator to act for.
 */
export async function localToken(domain: Domain, path: string): Promise<string | undefined> {
  const present = await readToken(path)
  const rights = present === undefined ? undefined : await apiKeyRights(domain.store.db, hashOfApiKey(present))
  if (rights?.makerIsOperator)
    return present
  const { db } = domain.store
  const operator = await db.selectFrom('people').select(['id', 'email']).where('is_operator', '=', true).where('is_disabled', '=', false).orderBy('created_at').executeTakeFirst()
  const project = await db.selectFrom('projects').select(['id', 'name']).orderBy('created_at').executeTakeFirst()
  if (!operator || !project)
    return undefined
  const name = `local ${hostname().replaceAll(/[^\w.-]/g, '-')}`.slice(0, 60)
  const { key, prefix, lastFour, hash } = makeApiKey()
  // By name: without scopes that name platform.manage a key carries no operator rights, whoever made it.
  await change(domain, project, system, async ({ tx, audit }) => {
    await deleteApiKeys(tx, project.id, { name })
    await insertApiKey(tx, { id: randomUUID(), project_id: project.id, person_id: operator.id, name, role: 'admin', scopes: [...operatorActions], hash, prefix, last_four: lastFour, expires_at: null })
    audit({ action: 'apiKeys.create', target: `api-key/${name}`, changes: { for: { from: null, to: 'the CLI on the server\'s own machine' } } })
  })
  return key
}

async function readToken(path: string): Promise<string | undefined> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return undefined
    throw error
  }
  // A file that was damaged is made anew.
  const { token } = parseObject(content)
  return typeof token === 'string' && isApiKey(token) ? token : undefined
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return new Object(JSON.parse(text)) as Record<string, unknown>
  }
  catch {
    return {}
  }
}
