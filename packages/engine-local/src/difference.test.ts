import type { DatabaseSpec } from '@howdah/engine'
import type { Setting } from '@howdah/postgres'
import type { Reality } from './difference.ts'
import { describe, expect, it } from 'vitest'
import { stepsTo } from './difference.ts'

const spec: DatabaseSpec = {
  id: 'id',
  project: 'p',
  name: 'n',
  generation: 1,
  version: 18,
  instances: 1,
  storageGib: 10,
  cpu: 1,
  memoryMib: 256,
  durability: 'async',
  parameters: {},
  extensions: [],
  allowedCidrs: ['10.0.0.0/8'],
  labels: {},
  hibernated: false,
  restartToken: '',
  database: 'app',
  owner: { user: 'app', password: 'secret' },
}

const settings = { work_mem: '4MB', max_connections: '25' }

const inEffect: Reality = {
  isClaimed: true,
  applied: {
    generation: 1,
    owner: 'app',
    ownerVerifier: 'SCRAM',
    database: 'app',
    spec: { memoryMib: 256, cpu: 1, storageGib: 10, parameters: {}, allowedCidrs: ['10.0.0.0/8'] },
    settings,
    extensions: [],
    restartToken: '',
    hibernated: false,
  },
  isRunning: true,
  isPasswordSame: true,
  isLoginProven: true,
  instances: 1,
  isBehindGateway: false,
  durability: 'async',
  settings,
}

const catalogue = {
  extensions: [],
  settings: ['max_connections'].map((name): Setting => ({ name, context: 'postmaster', vartype: 'integer', unit: null, min_val: null, max_val: null, enumvals: null, category: '', short_desc: '', shown: '' })),
}

function steps(change: Partial<DatabaseSpec>, reality: Partial<Reality> = {}): string[] {
  return stepsTo({ ...spec, ...change }, { ...inEffect, ...reality }, catalogue)
}

describe('the steps from what is there to what is wanted', () => {
  it('are none when nothing differs', () => {
    expect(steps({})).toEqual([])
  })

  it('of a new database end in a login', () => {
    const nothing = { isClaimed: false, applied: undefined, isRunning: false, settings: undefined }
    expect(steps({}, nothing)).toEqual(['claim', 'start', 'configure', 'login'])
    expect(steps({ extensions: ['cube'] }, nothing)).toEqual(['claim', 'start', 'configure', 'extensions', 'login'])
    expect(steps({ hibernated: true }, nothing)).toEqual(['claim', 'start', 'configure', 'login', 'stop'])
  })

  it('go on where an interrupted create stopped', () => {
    expect(steps({}, { applied: undefined, isRunning: false })).toEqual(['start', 'configure', 'login'])
    expect(steps({}, { applied: undefined })).toEqual(['configure', 'login'])
  })

  it('reload for a setting that a running server takes, restart for one that it does not', () => {
    expect(steps({ generation: 2 }, { settings: { ...settings, work_mem: '8MB' } })).toEqual(['reload', 'login'])
    expect(steps({ generation: 2 }, { settings: { ...settings, max_connections: '50' } })).toEqual(['restart', 'login'])
    expect(steps({ generation: 2 }, { settings: { work_mem: '4MB' } })).toEqual(['restart', 'login'])
    expect(steps({ generation: 2, allowedCidrs: [] })).toEqual(['reload', 'login'])
  })

  it('restart for a new token, unless it does not run anyway', () => {
    expect(steps({ generation: 2, restartToken: 'x' })).toEqual(['restart', 'login'])
    expect(steps({ generation: 2, restartToken: 'x' }, { isRunning: false })).toEqual(['start', 'login'])
  })

  it('stop what is to sleep, and leave alone what sleeps', () => {
    const asleep = { isRunning: false, applied: { ...inEffect.applied!, hibernated: true } }
    expect(steps({ hibernated: true })).toEqual(['stop'])
    expect(steps({ hibernated: true }, asleep)).toEqual([])
    expect(steps({ generation: 3 }, asleep)).toEqual(['start', 'login'])
  })

  it('change password and extensions only where they differ', () => {
    expect(steps({ generation: 2 }, { isPasswordSame: false })).toEqual(['credentials', 'login'])
    expect(steps({ generation: 2, extensions: ['cube'] })).toEqual(['extensions', 'login'])
  })

  it('prove the login again after anything that may have changed it', () => {
    expect(steps({}, { isLoginProven: false })).toEqual(['login'])
    expect(steps({ generation: 2 })).toEqual(['login'])
  })
})
