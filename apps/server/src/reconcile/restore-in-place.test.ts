import { until } from '@howdah/testkit'
import { expect, it } from 'vitest'
import { createPlatform } from '../../test/platform.ts'
import { endUndos } from './restore-in-place.ts'

it('what is kept for undoing a restore is given up when its time is over, and not before', async () => {
  const platform = await createPlatform()
  const wait = { prefer: 'wait=10' }
  for (const name of ['short', 'long']) {
    await platform.create(name)
    await platform.ask('POST', `/api/databases/${name}/backups`, undefined, wait)
    const backup = (await platform.ask('GET', `/api/databases/${name}/backups`)).body.items[0].id
    await platform.ask('POST', `/api/databases/${name}/restore`, { backup, ...name === 'short' ? { undoUntil: new Date(Date.now() + 300).toISOString() } : {} }, wait)
  }
  await until(async () => {
    await endUndos(platform.domain)
    return (await platform.get('short')).undoUntil === null
  }, { deadlineMs: 10_000, what: 'nothing is kept of the first' })
  expect((await platform.get('long')).undoUntil).not.toBeNull()
  expect((await platform.ask('POST', '/api/databases/short/undo-restore')).body).toMatchObject({ code: 'wrong-phase' })
  await platform.close()
})
