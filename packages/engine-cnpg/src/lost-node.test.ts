import type { LostNodeOptions } from './lost-node.ts'
import type { PodView } from './views.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@howdah/testkit/until'
import { afterEach, describe, expect, it } from 'vitest'
import { isReplaced, LostNode, primaryInDoubt } from './lost-node.ts'
import { cluster, pod, seen } from './testing/seen.ts'

const primary = pod()
const replica = pod({ name: 'orders-2', uid: 'two', isPrimary: false, node: 'node-2' })

describe('a primary that Kubernetes calls ready and that answers nobody', () => {
  it('is in doubt where an instance on another node could take over', () => {
    expect(primaryInDoubt(seen({ pods: [primary, replica], answers: false }))).toBe(primary)
  })

  it.each([
    ['it answers', seen({ pods: [primary, replica] })],
    ['the API of the cluster cannot be followed', seen({ pods: [primary, replica], answers: false, problem: 'away' })],
    ['nobody could take over', seen({ pods: [primary], answers: false })],
    ['all others are on its node', seen({ pods: [primary, { ...replica, node: primary.node }], answers: false })],
    ['no other one is ready', seen({ pods: [primary, { ...replica, isReady: false }], answers: false })],
    ['Kubernetes has given it up already', seen({ pods: [{ ...primary, isReady: false }, replica], answers: false })],
    ['the primary changes', seen({ pods: [primary, replica], answers: false, cluster: cluster({ targetPrimary: 'orders-2' }) })],
    ['it is being made', seen({ pods: [primary, replica], answers: false, cluster: cluster({ state: { ...cluster().state, isConfigured: false } }) })],
    ['somebody fenced instances', seen({ pods: [primary, replica], answers: false, cluster: cluster({ isFenced: true }) })],
    ['it is to hibernate', seen({ pods: [primary, replica], answers: false, cluster: cluster({ isHibernationAsked: true }) })],
    ['Git owns the Cluster', seen({ pods: [primary, replica], answers: false, cluster: cluster({ isOurs: false }) })],
  ])('is not while %s', (_, what) => {
    expect(primaryInDoubt(what)).toBeUndefined()
  })
})

describe('a primary that the operator replaces', () => {
  const pending = cluster({ targetPrimary: 'pending' })

  it('is told by the target, while it is there', () => {
    expect(isReplaced(seen({ cluster: pending, pods: [primary, replica], answers: false }), primary)).toBe(true)
  })

  it.each([
    ['nothing was decided', seen({ pods: [primary, replica], answers: false })],
    ['another one is the primary', seen({ cluster: cluster({ currentPrimary: 'orders-2', targetPrimary: 'orders-2' }), pods: [primary, replica], answers: false })],
    ['it answers', seen({ cluster: pending, pods: [primary, replica] })],
    ['it is being deleted', seen({ cluster: pending, pods: [{ ...primary, isDeleting: true }, replica], answers: false })],
    ['it is another pod of that name', seen({ cluster: pending, pods: [{ ...primary, uid: 'next' }, replica], answers: false })],
  ])('is none where %s', (_, what) => {
    expect(isReplaced(what, primary)).toBe(false)
  })
})

describe('its node', () => {
  let lost: LostNode
  afterEach(() => lost.close())

  function watch(change: Partial<LostNodeOptions>): readonly PodView[] {
    const givenUp: PodView[] = []
    lost = new LostNode({
      inDoubt: () => givenUp.length > 0 ? undefined : primary,
      isReplaced: () => false,
      renewedAt: async () => 'once',
      giveUp: async pod => void givenUp.push(pod),
      remove: async () => await Promise.reject(new Error('nothing was decided')),
      failed: (error) => {
        throw error
      },
      silentForMs: 60,
      lookEveryMs: 5,
      ...change,
    })
    lost.look()
    return givenUp
  }

  it('that renews nothing for that long has its primary given up, once', async () => {
    const began = performance.now()
    const givenUp = watch({})
    lost.look()
    await until(() => givenUp.length > 0, { deadlineMs: 5_000 })
    expect(performance.now() - began).toBeGreaterThanOrEqual(60)
    await delay(50)
    expect(givenUp).toEqual([primary])
  })

  it('has its pod removed when the operator has decided, once, and not before', async () => {
    const removed: PodView[] = []
    let isDecided = false
    const givenUp = watch({ isReplaced: pod => isDecided && pod === primary, remove: async pod => void removed.push(pod) })
    await until(() => givenUp.length > 0, { deadlineMs: 5_000 })
    lost.look()
    await delay(20)
    expect(removed).toEqual([])
    isDecided = true
    lost.look()
    lost.look()
    await until(() => removed.length > 0, { deadlineMs: 5_000 })
    await delay(20)
    expect(removed).toEqual([primary])
  })

  it('keeps its pod where it was heard of again before that', async () => {
    let [renewed, isDecided, asked] = ['once', false, 0]
    const givenUp = watch({
      isReplaced: () => isDecided,
      renewedAt: async () => {
        asked++
        return renewed
      },
    })
    await until(() => givenUp.length > 0, { deadlineMs: 5_000 })
    renewed = 'again'
    isDecided = true
    const before = asked
    lost.look()
    await until(() => asked > before, { deadlineMs: 5_000 })
    await delay(20)
    expect(givenUp).toEqual([primary])
  })

  it('whose primary was not given up here loses no pod to a switchover', async () => {
    let asked = 0
    const givenUp = watch({ inDoubt: () => undefined, isReplaced: () => true, renewedAt: async () => String(asked++) })
    lost.look()
    await delay(20)
    expect([asked, givenUp.length]).toEqual([0, 0])
  })

  it('that renews its lease keeps it', async () => {
    let count = 0
    const began = performance.now()
    const givenUp = watch({ renewedAt: async () => String(count++) })
    await until(() => count > 4 && performance.now() - began > 250, { deadlineMs: 10_000 })
    expect(givenUp).toEqual([])
  })

  it('is asked no more once the primary answers', async () => {
    let [asked, isInDoubt] = [0, true]
    const givenUp = watch({ inDoubt: () => isInDoubt ? primary : undefined, renewedAt: async () => String(asked++ && 'once') })
    await until(() => asked > 1, { deadlineMs: 5_000 })
    isInDoubt = false
    await delay(100)
    expect(asked).toBeLessThan(20)
    expect(givenUp).toEqual([])
  })

  it('is not judged when its lease is gone or cannot be read', async () => {
    expect(watch({ renewedAt: async () => undefined })).toEqual([])
    await delay(100)
    const errors: unknown[] = []
    const givenUp = watch({ renewedAt: async () => await Promise.reject(new Error('forbidden')), failed: error => errors.push(error) })
    await until(() => errors.length > 0, { deadlineMs: 5_000 })
    await delay(100)
    expect(givenUp).toEqual([])
  })
})
