import { describe, expect, it } from 'vitest'
import { amountOf, quotaView, shortages } from './quota.ts'

describe('a quantity', () => {
  it.each([['0', 0], ['2', 2], ['100m', 0.1], ['1.5', 1.5], ['1Gi', 2 ** 30], ['256Mi', 2 ** 28], ['5G', 5e9], ['3k', 3000], ['1e3', 1000]])('%s is %d', (text, amount) => {
    expect(amountOf(text)).toBe(amount)
  })
  it.each(['', 'Gi', '1 Gi', '1gi', 'plenty'])('%j is none', (text) => {
    expect(amountOf(text)).toBeNaN()
  })
})

describe('a quota', () => {
  const quota = (hard: Record<string, string>, used: Record<string, string> = {}) => {
    const object = { metadata: { name: 'q', namespace: 'n' }, status: { hard, used } }
    return quotaView(object)
  }
  const needs = { 'requests.cpu': 1, 'requests.storage': 2 ** 30, 'pods': 1 }

  it('has room up to its very end', () => {
    expect(shortages([quota({ 'requests.cpu': '2', 'requests.storage': '2Gi' }, { 'requests.cpu': '1', 'requests.storage': '1Gi' })], needs)).toEqual([])
  })
  it('says what it has too little of', () => {
    expect(shortages([quota({ 'requests.cpu': '2', 'pods': '3' }, { 'requests.cpu': '1001m', 'pods': '3' })], needs)).toEqual(['pods', 'requests.cpu'])
  })
  it('does not limit what it does not name, and each of several counts', () => {
    expect(shortages([quota({ 'requests.cpu': '8' }), quota({ 'requests.storage': '1Gi' }, { 'requests.storage': '1Mi' }), quota({ secrets: '0' })], needs)).toEqual(['requests.storage'])
  })
})
