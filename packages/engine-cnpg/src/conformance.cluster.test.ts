import { describeEngine } from '@howdah/engine/conformance'
import { connectThroughService } from './testing/connect.ts'
import { testPlace } from './testing/place.ts'

describeEngine('the CloudNativePG engine', async () => {
  const place = await testPlace()
  return {
    createEngine: place.createEngine,
    connect: async address => await connectThroughService(place.api, address),
    cleanup: place.cleanup,
    deadlineMs: 300_000,
  }
})
