import type { Harness } from '../../../../test/harness.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, createHarness } from '../../../../test/harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness()
})
afterAll(async () => await harness.close())

function login(body: unknown, headers: Record<string, string> = {}) {
  return harness.inject({
    method: 'POST',
    url: '/api/auth/login',
    body,
    headers,
  })
}

describe('200', () => {
  it('a right password answers a token that is good for the project', async () => {
    const { status, body } = await login(admin)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      user: { email: admin.email },
      project: { name: 'default', role: 'admin' },
    })
    expect(new Date(body.expiresAt as string).getTime()).toBeGreaterThan(Date.now())
  })
})
