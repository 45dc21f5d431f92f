import type { StorageLevel } from './phase.ts'
import { describe, expect, it } from 'vitest'
import { growthHappening, StorageLevels, volumeView } from './storage-events.ts'

function volume(storage: string | undefined, uid = 'u') {
  return volumeView({ metadata: { name: 'orders-1', namespace: 'howdah-shop', uid, labels: { 'cnpg.io/cluster': 'orders' } }, ...{ status: storage === undefined ? {} : { capacity: { storage } } } })!
}

describe('a volume', () => {
  it('has grown when it has more, not when more was asked for', () => {
    expect(growthHappening(volume('1Gi'), volume('2Gi'))).toEqual({ type: 'storage.grown', severity: 'info', message: 'The volume orders-1 has 2.0 GiB now; it had 1.0 GiB.', details: { volume: 'orders-1', fromBytes: 2 ** 30, toBytes: 2 ** 31 } })
    expect(growthHappening(volume('1Gi'), volume('1Gi'))).toBeUndefined()
  })

  it.each([[undefined, volume('1Gi')], [volume(undefined), volume('1Gi')], [volume('1Gi'), volume('2Gi', 'another')]])('that is new has not grown', (before, after) => {
    expect(growthHappening(before, after)).toBeUndefined()
  })

  it('of nobody\'s Cluster is not kept', () => {
    expect(volumeView({ metadata: { name: 'other' } })).toBeUndefined()
  })
})

describe('how full it is', () => {
  it.each<[string, (StorageLevel | undefined)[], string[]]>([
    ['is told when it gets there', ['room', 'nearly-full'], ['storage.nearly-full warning']],
    ['is told once while it moves around the level', ['room', 'nearly-full', 'almost', 'nearly-full', 'almost', 'nearly-full'], ['storage.nearly-full warning']],
    ['is told again when there was room', ['room', 'nearly-full', 'room', 'almost', 'nearly-full'], ['storage.nearly-full warning', 'storage.nearly-full warning']],
    ['is told once more when it is full', ['room', 'nearly-full', undefined, 'full'], ['storage.nearly-full warning', 'storage.full error']],
    ['is not told on the way back', ['room', 'full', 'nearly-full', 'room'], ['storage.full error']],
    ['was told by whoever looked before', ['nearly-full', 'nearly-full'], []],
  ])('%s', (_, levels, expected) => {
    const seen = new StorageLevels()
    const told = levels.flatMap(level => seen.next(level && { level, message: '' }) ?? [])
    expect(told.map(({ severity, type }) => `${type} ${severity}`)).toEqual(expected)
  })
})
