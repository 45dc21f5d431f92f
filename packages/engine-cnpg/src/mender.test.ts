import type { PodView } from './views.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Mender, silentReplicas } from './mender.ts'
import { cluster, pod, seen } from './testing/seen.ts'

const primary = pod()
const silent = pod({ name: 'orders-2', uid: 'two', isPrimary: false, isReady: false, isSilent: true })

describe('a replica that runs and answers nobody', () => {
  it('is found', () => {
    expect(silentReplicas(seen({ pods: [primary, silent] }))).toEqual([silent])
  })

  it('is found before the operator has heard of it, which waits for that', () => {
    expect(silentReplicas(seen({ pods: [primary, silent], cluster: cluster({ phase: 'Waiting for the instances to become active' }) }))).toEqual([silent])
  })

  it.each([
    ['the primary does not answer either', seen({ pods: [primary, silent], answers: false })],
    ['the operator is at something', seen({ pods: [primary, silent], cluster: cluster({ phase: 'Creating a new replica' }) })],
    ['the primary changes while the operator waits', seen({ pods: [primary, silent], cluster: cluster({ phase: 'Waiting for the instances to become active', targetPrimary: 'orders-2' }) })],
    ['the primary changes', seen({ pods: [primary, silent], cluster: cluster({ targetPrimary: 'orders-2' }) })],
    ['somebody fenced instances', seen({ pods: [primary, silent], cluster: cluster({ isFenced: true }) })],
    ['Git owns the Cluster', seen({ pods: [primary, silent], cluster: cluster({ isOurs: false }) })],
    ['it is the primary', seen({ pods: [pod({ isReady: false, isSilent: true })] })],
    ['it is being ended', seen({ pods: [primary, { ...silent, isDeleting: true }] })],
    ['it prepares a volume', seen({ pods: [primary, { ...silent, isInstance: false }] })],
  ])('is left alone while %s', (_, what) => {
    expect(silentReplicas(what)).toEqual([])
  })
})

describe('its end', () => {
  let now: readonly PodView[]
  const ended: string[] = []
  const mender = new Mender(() => now, ({ uid }) => ended.push(uid), 60_000)
  beforeEach(() => {
    vi.useFakeTimers()
    ended.length = 0
    now = [silent]
  })
  afterEach(() => {
    mender.close()
    vi.useRealTimers()
  })

  it('comes once, when it was silent all the time', () => {
    mender.look()
    vi.advanceTimersByTime(59_000)
    mender.look()
    expect(ended).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect(ended).toEqual(['two'])
    now = [{ ...silent, uid: 'another' }]
    mender.look()
    vi.advanceTimersByTime(59_000)
    expect(ended).toEqual(['two'])
  })

  it('does not come when it answered in between', () => {
    mender.look()
    vi.advanceTimersByTime(59_000)
    now = []
    mender.look()
    now = [silent]
    mender.look()
    vi.advanceTimersByTime(59_000)
    expect(ended).toEqual([])
  })

  it('does not come when it is well by then and nobody said so', () => {
    mender.look()
    now = []
    vi.advanceTimersByTime(60_000)
    expect(ended).toEqual([])
  })
})
