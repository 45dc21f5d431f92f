import type { Capabilities, DatabaseSpec } from '@howdah/engine'
import { describe, expect, it } from 'vitest'
import { knownCatalogue } from './known-catalogue.ts'
import { refusalsOf } from './refusals.ts'

const capabilities: Capabilities = {
  versions: [{ major: 18, version: '18.4', source: 'test' }],
  defaultVersion: 18,
  maxInstances: 1,
  storage: { minGib: 1, maxGib: 100, defaultGib: 10, enforced: false, canGrow: true },
  cpu: { min: 0.5, max: 4, default: 1, enforced: false },
  memory: { minMib: 128, maxMib: 4096, defaultMib: 512, enforced: false },
  durability: ['async'],
  switchover: true,
  hibernate: true,
  keepVolumes: false,
  branch: 'copy',
  backup: false,
  snapshot: false,
  drill: false,
  restoreInPlace: false,
  upgrade: false,
  pooler: false,
  allowedCidrs: true,
}

function spec(change: Partial<DatabaseSpec>): DatabaseSpec {
  return {
    id: 'id',
    project: 'project',
    name: 'orders',
    generation: 1,
    version: 18,
    instances: 1,
    storageGib: 10,
    cpu: 1,
    memoryMib: 256,
    durability: 'async',
    parameters: {},
    extensions: [],
    allowedCidrs: [],
    labels: {},
    hibernated: false,
    restartToken: '',
    database: 'orders',
    owner: { user: 'orders', password: 'secret' },
    ...change,
  }
}

async function refusals(change: Partial<DatabaseSpec>): Promise<unknown> {
  const catalogue = await knownCatalogue(18)
  if (!catalogue)
    throw new Error('there is no catalogue of PostgreSQL 18')
  return refusalsOf(spec(change), { capabilities, catalogue, major: undefined, applied: undefined })
}

describe('shared buffers', () => {
  it.each(['16MB', '256MB', '32768', '0.25GB'])('may be %s of 256 MiB', async (value) => {
    expect(await refusals({ parameters: { shared_buffers: value } })).toEqual([])
  })

  it.each(['257MB', '32769', '900GB'])('are no %s of 256 MiB', async (value) => {
    expect(await refusals({ parameters: { shared_buffers: value } })).toEqual([
      { pointer: '/parameters/shared_buffers', detail: 'The database\'s memory, 256 MiB, is the most that it can be.' },
    ])
  })

  it('that are too many for a smaller memory keep it from shrinking', async () => {
    const parameters = { shared_buffers: '200MB' }
    expect(await refusals({ parameters, memoryMib: 256 })).toEqual([])
    expect(await refusals({ parameters, memoryMib: 128 })).toEqual([expect.objectContaining({ pointer: '/parameters/shared_buffers' })])
  })
})
