import type { Harness } from '../../test/harness.ts'
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHarness } from '../../test/harness.ts'
import { prepareInstallation } from './installation.ts'
import { localToken } from './local-token.ts'
import { createPasswords } from './passwords.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness()
})
afterAll(async () => await harness.close())

describe('the first start', () => {
  /** As if nothing had been started here yet. */
  async function forget() {
    await harness.domain.store.pool.query('truncate installation, people, projects, members, sessions, refresh_tokens, api_keys, chains cascade')
  }
  const nobody = { email: 'root@example.org', password: undefined }

  it('makes one installation, however many processes start at once, and only one of them knows the password', async () => {
    await forget()
    const passwords = createPasswords(4)
    const starts = await Promise.all(Array.from({ length: 4 }, () => prepareInstallation(harness.domain, passwords, nobody)))
    expect(new Set(starts.map(({ id }) => id)).size).toBe(1)
    const [password, ...others] = starts.map(({ generatedPassword }) => generatedPassword).filter(password => password !== undefined)
    expect(others).toEqual([])
    expect((await harness.inject({ method: 'POST', url: '/api/auth/login', body: { email: nobody.email, password } })).body).toMatchObject({ project: { name: 'default', role: 'admin' } })
  })
  it('later starts change nothing, whatever is configured by then', async () => {
    const { rows: before } = await harness.domain.store.pool.query('select * from people')
    const again = await prepareInstallation(harness.domain, createPasswords(), { email: 'other@example.org', password: 'another password' })
    expect(again.generatedPassword).toBeUndefined()
    expect((await harness.domain.store.pool.query('select * from people')).rows).toEqual(before)
  })
})

describe('the local token', () => {
  it('has all rights of an operator, is kept while it is good, and is replaced when it is not', async () => {
    const { path, remove } = await temporaryFolder()
    const file = join(path, 'cli.json')
    const first = await localToken(harness.domain, file)
    expect((await harness.inject({ url: '/api/auth/me', token: first! })).body).toMatchObject({ kind: 'api-key', isOperator: true, project: { name: 'default' } })
    expect((await harness.inject({ url: '/api/users', token: first! })).status).toBe(200)
    await writeFile(file, JSON.stringify({ token: first }))
    expect(await localToken(harness.domain, file)).toBe(first)
    await writeFile(file, JSON.stringify({ token: `hwd_${'x'.repeat(40)}` }))
    const second = await localToken(harness.domain, file)
    expect(second).not.toBe(first)
    await writeFile(file, randomUUID())
    expect(await localToken(harness.domain, file)).not.toBe(second)
    await remove()
  })
})
