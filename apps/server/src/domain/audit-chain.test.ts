import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalJson, chainHash } from './audit-chain.ts'

it('canonical JSON is what RFC 8785 gives as its example', () => {
  const value = {
    numbers: [333333333.3333333, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
    string: '\u20AC$\u000F\u000AA\'\u0042\u0022\u005C\\"/',
    literals: [null, true, false],
  }
  expect(canonicalJson(value)).toBe('{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}')
})

it('keys are in the order of their UTF-16 units, as RFC 8785 sorts them', () => {
  const value = { '\u20AC': 1, '\r': 2, '\uFB33': 3, '1': 4, '\uD83D\uDE00': 5, '\u0080': 6, '\u00F6': 7 }
  const order = ['"\\r":2', '"1":4', '"\u0080":6', '"\u00F6":7', '"\u20AC":1', '"\uD83D\uDE00":5', '"\uFB33":3']
  expect(canonicalJson(value)).toBe(`{${order.join(',')}}`)
})

it('the order of keys, and fields that are undefined, make no difference', () => {
  expect(canonicalJson({ b: { d: 1, c: [{ f: 1, e: 2 }] }, a: undefined })).toBe(canonicalJson({ b: { c: [{ e: 2, f: 1 }], d: 1 } }))
})

it('parses back to the same value', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
  }))
})

const entry = { id: 1, at: '2026-01-31T12:00:00.000Z', actor: 'ada@example.org', actorKind: 'user', project: 'default', action: 'databases.create', target: 'database/orders', outcome: 'success', sourceIp: null, userAgent: null, requestId: null, changes: { version: { from: null, to: 18 } } }

it('the hash is the one that anybody can compute: SHA-256 of the former hash, a line feed and the canonical entry', () => {
  // printf '\n{"action":"databases.create","actor":…,"userAgent":null}' | sha256sum
  expect(chainHash('', entry)).toBe('6c6d04ece5c5a979bd5ac3fcfa6d694fc8401a720d0182ce58d84704608955b5')
})

it('every field of an entry, and what came before it, is in the hash', () => {
  const hash = chainHash('', entry)
  expect(chainHash('0', entry)).not.toBe(hash)
  for (const field of Object.keys(entry))
    expect(chainHash('', { ...entry, [field]: 'other' }), field).not.toBe(hash)
})
