import type { Harness } from '../../test/harness.ts'
import { FakeEngine, FakeWorld } from '@howdah/engine/fake'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createHarness } from '../../test/harness.ts'
import { holdLocationsToIdentity } from './location-identity.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness()
})
afterAll(async () => await harness.close())

async function start(name: string, engine: FakeEngine): Promise<void> {
  await engine.open()
  await holdLocationsToIdentity({ ...harness.domain, engines: new Map([[name, engine]]) })
}

it('any number of processes may open the same place under the same name', async () => {
  const world = new FakeWorld()
  await start('here', new FakeEngine({ world }))
  await start('here', new FakeEngine({ world }))
})

it('another place under a known name stops the start and says what to change', async () => {
  await start('there', new FakeEngine())
  await expect(start('there', new FakeEngine())).rejects.toThrow(/"there" is another place .* HOWDAH_DATA_DIR/)
  await start('elsewhere', new FakeEngine())
})

it('a place that cannot be asked now does not stop the start', async () => {
  const engine = new FakeEngine()
  engine.setOutage('Its API is away.')
  await start('away', engine)
})
