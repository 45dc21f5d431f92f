import type { Harness } from '@howdah/engine/conformance'
import { inject } from 'vitest'
import { connectThroughService } from './connect.ts'
import { testPlace } from './place.ts'

/** Of the images of the test bed: see its versions.ts. */
export const upgradable = { old: 15, next: 17 }

/** The engine over a place of its own in the test cluster, for a part of the port's suite. */
export async function conformanceHarness(): Promise<Harness> {
  const place = await testPlace()
  return {
    createEngine: place.createEngine,
    connect: async address => await connectThroughService(place.api, address),
    cleanup: place.cleanup,
    deadlineMs: 300_000,
    ...inject('cluster').isOurs ? { upgrade: upgradable } : {},
  }
}
