import type { Reality } from './difference.ts'
import { defaultSettings } from '@howdah/postgres'
import { describe, expect, it } from 'vitest'
import { reasonsToRestart, stepsTo } from './difference.ts'
import { cluster } from './testing/seen.ts'

const spec = {
  id: 'i',
  project: 'shop',
  name: 'orders',
  generation: 2,
  version: 18,
  instances: 1,
  storageGib: 10,
  cpu: 1,
  memoryMib: 1024,
  durability: 'async' as const,
  parameters: {},
  extensions: [],
  allowedCidrs: [],
  labels: {},
  hibernated: false,
  restartToken: '',
  database: 'orders',
  owner: { user: 'orders', password: 'secret' },
}
const catalogue = { version: '18.4', extensions: [], settings: Object.keys(defaultSettings(spec)).map(name => ({ name, context: 'sighup' })) } as unknown as Parameters<typeof stepsTo>[2]
const reality: Reality = {
  cluster: cluster({ state: { ...cluster().state, spec, manifest: 'before' } }),
  isApplied: false,
  manifest: 'after',
  isPasswordSame: true,
  isLoginProven: true,
  isHibernated: false,
  isStarted: false,
  beginsToArchive: false,
  isProbedOtherwise: false,
}

describe('the way to another number of instances', () => {
  const larger = { ...spec, instances: 2 }

  it('interrupts nothing', () => {
    expect(stepsTo(larger, reality, catalogue)).toEqual(['scale', 'login'])
    expect(reasonsToRestart(larger, reality, catalogue)).toEqual([])
  })

  it('restarts a server that an older version made with other probes, and says so', () => {
    const older = { ...reality, isProbedOtherwise: true }
    expect(stepsTo(larger, older, catalogue)).toEqual(['restart', 'login'])
    expect(reasonsToRestart(larger, older, catalogue)).toEqual([expect.stringMatching(/needs new pods/)])
  })
})
