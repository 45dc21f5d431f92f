import type { LostNodeOptions } from './lost-node.ts'
import type { PodView } from './views.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@howdah/testkit/until'
import { afterEach, describe, expect, it } from 'vitest'
import { LostNode, primaryInDoubt } from './lost-node.ts'
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

describe('its node', () => {
  let lost: LostNode
  afterEach(() => lost.close())

  function watch(change: Partial<LostNodeOptions>): readonly PodView[] {
    const givenUp: PodView[] = []
    lost = new LostNode({
      inDoubt: () => givenUp.length > 0 ? undefined : primary,
      renewedAt: async () => 'once',
      giveUp: async pod => void givenUp.push(pod),
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
