import { describe, expect, it } from 'vitest'
import { refuseCidr } from './network.ts'

describe('networks', () => {
  it.each(['10.0.0.0/8', '0.0.0.0/0', '127.0.0.1/32', '::/0', '2001:db8::/32', '::1/128'])('takes the network %s', (cidr) => {
    expect(refuseCidr(cidr)).toBeUndefined()
  })

  it.each(['', '10.0.0.0', '10.0.0.0/33', '10.0.0/8', 'all', '::/129', '10.0.0.0/8 trust', '10.0.0.0/8\nlocal all all trust', '10.0.0.0/-1', '10.0.0.0/8/8', 'example.org/8'])('refuses %j as a network', (cidr) => {
    expect(refuseCidr(cidr)).toEqual(expect.any(String))
  })
})
