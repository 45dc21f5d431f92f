import { describeEngine } from './conformance.ts'
import { FakeEngine, FakeWorld } from './fake-engine.ts'

describeEngine('FakeEngine', async () => {
  const world = new FakeWorld()
  return {
    createEngine: () => new FakeEngine({ world }),
    cleanup: async () => {},
  }
})
