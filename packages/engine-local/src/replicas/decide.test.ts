import type { Fenced } from './decide.ts'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'

const at = (...received: (bigint | undefined)[]): Fenced['replicas'] => received.map((received, index) => ({ ordinal: index + 2, received }))

describe('who gets the role', () => {
  it.each<[string, Fenced, object]>([
    ['the most advanced replica', { durability: 'async', replicas: at(100n, 300n, 200n), end: 300n }, { kind: 'promote', ordinal: 3 }],
    ['the most advanced of those that answer, when the rest can be brought to it', { durability: 'sync', replicas: at(undefined, 200n), end: 250n }, { kind: 'promote', ordinal: 3 }],
    ['of equals the first', { durability: 'sync', replicas: at(100n, 100n), end: 100n }, { kind: 'promote', ordinal: 2 }],
    ['nobody who is far behind: the old one is quicker and has everything', { durability: 'async', replicas: at(0n), end: 2n ** 30n }, { kind: 'restart' }],
    ['nobody when nobody answers', { durability: 'async', replicas: at(undefined, undefined), end: 10n }, { kind: 'restart' }],
    ['nobody when there is no replica', { durability: 'async', replicas: [], end: 10n }, { kind: 'restart' }],
    ['with the old disk unreadable and sync, a replica when all of them answer', { durability: 'sync', replicas: at(100n, 90n), end: undefined }, { kind: 'promote', ordinal: 2 }],
    ['with the old disk unreadable and sync, nobody while one that may know more is silent', { durability: 'sync', replicas: at(100n, undefined), end: undefined }, { kind: 'restart' }],
    ['with the old disk unreadable and async, who answers', { durability: 'async', replicas: at(100n, undefined), end: undefined }, { kind: 'promote', ordinal: 2 }],
  ])('%s', (_, fenced, decision) => {
    expect(decide(fenced)).toMatchObject(decision)
  })
})
