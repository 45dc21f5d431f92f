import { expect, it } from 'vitest'
import { refuseCidr } from './cidr.ts'

it.each(['0.0.0.0/0', '10.0.0.0/8', '192.168.1.7/32', '::/0', '::1/128', '2001:db8::/32', 'fe80::1/64', '::ffff:10.0.0.1/128'])('%s is a network', (text) => {
  expect(refuseCidr(text)).toBeUndefined()
})

it.each(['', '/', '10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/8 ', ' 10.0.0.0/8', '10.0.0/8', '10.0.0.256/8', '010.0.0.1/8', '::1/129', 'all', 'samenet', 'localhost/8', '10.0.0.0/8\nhost all all all trust', '10.0.0.0/08x', 'fe80::1%eth0/64', '*'])('%j is none', (text) => {
  expect(refuseCidr(text)).toContain('CIDR')
})
