import { X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificateHosts, openAuthority } from './certificates.ts'

describe('certificates', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  beforeAll(async () => {
    folder = await temporaryFolder()
  })
  afterAll(async () => await folder.remove())

  it('of a server are signed by the authority and name every way to reach it', async () => {
    const authority = await openAuthority(join(folder.path, 'a'))
    const { certificate, key } = await authority.issue(certificateHosts('db.example.org'))
    const [ca, server] = [new X509Certificate(authority.certificate), new X509Certificate(certificate)]
    expect(server.verify(ca.publicKey)).toBe(true)
    expect(server.checkIssued(ca)).toBe(true)
    expect(ca.verify(ca.publicKey)).toBe(true)
    expect(ca.ca).toBe(true)
    expect(server.ca).toBe(false)
    expect(server.checkHost('db.example.org')).toBe('db.example.org')
    expect(server.checkHost('localhost')).toBe('localhost')
    expect(server.checkHost('other.example.org')).toBeUndefined()
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(server.checkIP('::1')).toBe('::1')
    expect(server.checkIP('127.0.0.2')).toBeUndefined()
    expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(new Date(server.validFrom).getTime()).toBeLessThan(Date.now())
    expect(new Date(server.validTo).getTime()).toBeGreaterThan(Date.now() + 5 * 365 * 86_400_000)
    expect(() => createSecureContext({ cert: certificate, key, ca: authority.certificate })).not.toThrow()
  })

  it('name addresses of version 6 in every notation', async () => {
    const authority = await openAuthority(join(folder.path, 'a'))
    const hosts = ['2001:db8::1', 'fe80::', '1:2:3:4:5:6:7:8']
    const server = new X509Certificate((await authority.issue(hosts)).certificate)
    for (const host of hosts)
      expect(server.checkIP(host)).toBe(host)
  })

  it('each have a number and a key of their own', async () => {
    const authority = await openAuthority(join(folder.path, 'a'))
    const [a, b] = [await authority.issue(['a']), await authority.issue(['a'])]
    expect(new X509Certificate(a.certificate).serialNumber).not.toBe(new X509Certificate(b.certificate).serialNumber)
    expect(a.key).not.toBe(b.key)
  })

  it('come from the same authority after a restart, whose key only we can read', async () => {
    const first = await openAuthority(join(folder.path, 'a'))
    const again = await openAuthority(join(folder.path, 'a'))
    expect(again.certificate).toBe(first.certificate)
    expect((await stat(join(folder.path, 'a', 'ca.key'))).mode & 0o777).toBe(0o600)
    expect((await openAuthority(join(folder.path, 'b'))).certificate).not.toBe(first.certificate)
  })
})
