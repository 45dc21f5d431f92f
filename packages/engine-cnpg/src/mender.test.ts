import type { Silent } from './mender.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Mender, silentInstances } from './mender.ts'
import { cluster, pod, seen } from './testing/seen.ts'

const primary = pod()
const silent = pod({ name: 'orders-2', uid: 'two', isPrimary: false, isReady: false, isSilent: true })

describe('a replica that runs and answers nobody', () => {
  it('is found', () => {
    expect(silentInstances(seen({ pods: [primary, silent] }))).toEqual([{ pod: silent, patienceMs: 60_000 }])
  })

  it('is found before the operator has heard of it, which waits for that', () => {
    expect(silentInstances(seen({ pods: [primary, silent], cluster: cluster({ phase: 'Waiting for the instances to become active' }) }))).toEqual([{ pod: silent, patienceMs: 60_000 }])
  })

  it('is found after a change of the primary, which the operator calls under way until it has heard of it', () => {
    for (const phase of ['Failing over', 'Switchover in progress'])
      expect(silentInstances(seen({ pods: [primary, silent], cluster: cluster({ phase }) }))).toEqual([{ pod: silent, patienceMs: 60_000 }])
  })

  it.each([
    ['a switchover is under way', seen({ pods: [primary, silent], cluster: cluster({ phase: 'Switchover in progress', targetPrimary: 'orders-2' }) })],
    ['the primary does not answer either', seen({ pods: [primary, silent], answers: false })],
    ['the operator is at something', seen({ pods: [primary, silent], cluster: cluster({ phase: 'Creating a new replica' }) })],
    ['the primary changes while the operator waits', seen({ pods: [primary, silent], cluster: cluster({ phase: 'Waiting for the instances to become active', targetPrimary: 'orders-2' }) })],
    ['the primary changes', seen({ pods: [primary, silent], cluster: cluster({ targetPrimary: 'orders-2' }) })],
    ['somebody fenced instances', seen({ pods: [primary, silent], cluster: cluster({ isFenced: true }) })],
    ['Git owns the Cluster', seen({ pods: [primary, silent], cluster: cluster({ isOurs: false }) })],
    ['it is being ended', seen({ pods: [primary, { ...silent, isDeleting: true }] })],
    ['it prepares a volume', seen({ pods: [primary, { ...silent, isInstance: false }] })],
  ])('is left alone while %s', (_, what) => {
    expect(silentInstances(what)).toEqual([])
  })
})

describe('a primary that runs and answers nobody', () => {
  const hanging = pod({ isReady: false, isSilent: true })
  const replica = pod({ name: 'orders-2', uid: 'two', isPrimary: false })

  it('is found where it is alone, whether a session with it goes on or not', () => {
    for (const answers of [true, false]) {
      expect(silentInstances(seen({ pods: [hanging], answers }))).toEqual([{ pod: hanging, patienceMs: 60_000 }])
      expect(silentInstances(seen({ pods: [hanging], answers, cluster: cluster({ phase: 'Instance Status Extraction Error: HTTP communication issue' }) }))).toEqual([{ pod: hanging, patienceMs: 60_000 }])
    }
  })

  it('is found sooner where the operator waits for the end of its WAL, to let a replica take its place', () => {
    expect(silentInstances(seen({ pods: [hanging, replica], cluster: cluster({ phase: 'Failing over', targetPrimary: 'pending' }) }))).toEqual([{ pod: hanging, patienceMs: 30_000 }])
  })

  it.each([
    ['the operator is at something else', seen({ pods: [hanging], cluster: cluster({ phase: 'Upgrading cluster' }) })],
    ['its volume is full', seen({ pods: [hanging], cluster: cluster({ phase: 'Not enough disk space' }) })],
    ['somebody fenced instances', seen({ pods: [hanging], cluster: cluster({ isFenced: true }) })],
    ['Git owns the Cluster', seen({ pods: [hanging], cluster: cluster({ isOurs: false }) })],
    ['it goes to sleep', seen({ pods: [hanging], cluster: cluster({ isHibernationAsked: true }) })],
  ])('is left alone while %s', (_, what) => {
    expect(silentInstances(what)).toEqual([])
  })
})

describe('its end', () => {
  const instance: Silent = { pod: silent, patienceMs: 60_000 }
  let now: readonly Silent[]
  const ended: string[] = []
  const mender = new Mender(() => now, ({ uid }) => ended.push(uid))
  beforeEach(() => {
    vi.useFakeTimers()
    ended.length = 0
    now = [instance]
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
    now = [{ ...instance, pod: { ...silent, uid: 'another' } }]
    mender.look()
    vi.advanceTimersByTime(59_000)
    expect(ended).toEqual(['two'])
  })

  it('does not come when it answered in between', () => {
    mender.look()
    vi.advanceTimersByTime(59_000)
    now = []
    mender.look()
    now = [instance]
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
