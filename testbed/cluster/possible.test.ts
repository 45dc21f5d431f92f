import type { Capacity } from './possible.ts'
import { describe, expect, it } from 'vitest'
import { Missing } from '../../tools/needs/missing.ts'
import { refuse } from './possible.ts'

const able: Capacity = { platform: 'linux', isRoot: true, isDebian: true, memoryBytes: 8 * 2 ** 30, hasCgroups: true, network: undefined, go: undefined }

describe('a machine that cannot carry the test cluster is refused, with what is missing and what to do instead', () => {
  it.each<[string, Partial<Capacity>, RegExp]>([
    ['that is no Linux', { platform: 'darwin' }, /needs Linux, and this is darwin/],
    ['without root', { isRoot: false }, /needs root/],
    ['that is no Debian', { isDebian: false }, /Debian packages, and there is no apt-get/],
    ['with too little memory', { memoryBytes: 3.5 * 2 ** 30 }, /needs 6 GiB of memory, and there are 3\.5/],
    ['in a container that has no cgroups', { hasCgroups: false }, /cgroups/],
    ['whose networks are in the way', { network: '10.96.0.0/16' }, /10\.96\.0\.0\/16, which something else/],
    ['without Go', { go: 'Go is missing; install it from https://go.dev/dl' }, /Go is missing; install it/],
  ])('one %s', (_, lack, message) => {
    const refused = (): void => refuse({ ...able, ...lack })
    expect(refused).toThrow(Missing)
    expect(refused).toThrow(message)
    expect(refused).toThrow('HOWDAH_TEST_KUBECONFIG=FILE')
  })

  it('and one that lacks nothing is not', () => {
    expect(() => refuse(able)).not.toThrow()
  })
})
