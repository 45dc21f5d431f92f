import type { ServiceEvent } from '@howdah/contract'
import type { Platform } from '../../../../test/platform.ts'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await createPlatform()
  const { id } = await platform.create('orders')
  platform.engine.crash(id)
  await platform.inPhase('orders', 'restarting')
  platform.engine.recover(id)
  await platform.inPhase('orders', 'ready')
  await until(async () => (await events()).some(event => event.type === 'instance.restarted'), { deadlineMs: 5000 })
})
afterAll(async () => await platform.close())

async function events(query = ''): Promise<ServiceEvent[]> {
  const { status, body, text } = await platform.ask('GET', `/api/databases/orders/service-logs${query}`)
  expect(status, text).toBe(200)
  return body.items
}

describe('200', () => {
  it('what happened, newest first: what the engine says and what became of the phase, each once', async () => {
    const all = (await events()).map(event => `${event.type} ${event.severity} ${String(event.details.to ?? '')}`.trim())
    expect(all.toSorted()).toEqual([
      'instance.exited warning',
      'instance.restarted info',
      'phase.changed info ready',
      'phase.changed info ready',
      'phase.changed warning restarting',
    ])
    const times = (await events()).map(event => event.at)
    expect(all[0]).not.toContain('exited')
    expect(times).toHaveLength(5)
  })
  it('what the platform did to a server by itself is in the audit log, too', async () => {
    const { body } = await platform.ask('GET', '/api/audit/logs?target=database/orders&action=instance.')
    expect(body.items.map((entry: Record<string, unknown>) => [entry.action, entry.actorKind, entry.outcome])).toEqual([['instance.restarted', 'system', 'success'], ['instance.exited', 'system', 'failure']])
  })
  it.each([
    ['?severity=warning', 2],
    ['?severity=error', 0],
    ['?severity=info', 5],
    ['?type=instance.exited', 1],
    ['?type=%25', 0],
    ['?from=2999-01-01T00:00:00Z', 0],
    ['?to=2000-01-01T00:00:00Z', 0],
    ['?from=2000-01-01T00:00:00%2B02:00&to=2999-01-01T00:00:00Z', 5],
  ])('%s: %i', async (query, count) => {
    expect(await events(query)).toHaveLength(count)
  })
  it('pages follow each other, also while more happens', async () => {
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await platform.ask('GET', `/api/databases/orders/service-logs?limit=2${cursor && `&cursor=${cursor}`}`) as { body: { items: ServiceEvent[], nextCursor: string | null } }
      seen.push(...body.items.map(item => item.id))
      cursor = body.nextCursor
      if (seen.length === 2)
        await platform.ask('POST', '/api/databases/orders/restart', undefined, { prefer: 'wait=10' })
    }
    expect(seen).toHaveLength(5)
    expect(new Set(seen).size).toBe(5)
  })
  it('a failure says what to do next', async () => {
    const { body } = await platform.ask('POST', '/api/databases', { name: 'fail-provision' })
    await platform.ended(body.operation)
    const logs = await platform.ask('GET', '/api/databases/fail-provision/service-logs?severity=error&type=operation.failed')
    expect(logs.body.items).toMatchObject([{ message: expect.stringContaining('does not start'), details: { operation: body.operation, reason: 'StartFailed', nextStep: expect.any(String) } }])
  })
})

describe('404', () => {
  it('of nobody', async () => {
    expect((await platform.ask('GET', '/api/databases/nobody/service-logs')).status).toBe(404)
  })
})

describe('422', () => {
  it.each(['severity=loud', 'from=yesterday', 'from=2026-02-30T00:00:00Z', 'limit=0', 'cursor=x', 'cursor=djE6YQ', 'x=1'])('%s', async (query) => {
    expect((await platform.ask('GET', `/api/databases/orders/service-logs?${query}`)).body).toMatchObject({ status: 422, errors: [{ pointer: `?${query.split('=')[0]}` }] })
  })
})
