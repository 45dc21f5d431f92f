import type { KeyObject } from 'node:crypto'
import { Buffer } from 'node:buffer'
import { createHash, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { bitString, integer, objectIdentifier, octetString, sequence, set, tagged, time, utf8String, yes } from './der.ts'

/** What a certificate says. Signed with ECDSA over SHA-256. */
export interface CertificateRequest {
  readonly subject: string
  readonly issuer: string
  readonly publicKey: KeyObject
  readonly signingKey: KeyObject
  /** Public half of the signing key. */
  readonly issuerKey: KeyObject
  readonly notBefore: Date
  readonly notAfter: Date
  /** Names and addresses of a server; undefined makes it an authority. */
  readonly hosts: readonly string[] | undefined
}

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))

/** Sign a certificate (RFC 5280) and answer it as PEM. node:crypto reads certificates but cannot issue them. */
export function issueCertificate(request: CertificateRequest): string {
  const version3 = tagged(0xA0, integer(Buffer.from([2])))
  const toBeSigned = sequence(
    version3,
    integer(serialNumber()),
    ecdsaWithSha256,
    commonName(request.issuer),
    sequence(time(request.notBefore), time(request.notAfter)),
    commonName(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xA3, sequence(...extensions(request))),
  )
  const certificate = sequence(toBeSigned, ecdsaWithSha256, bitString(sign('sha256', toBeSigned, request.signingKey)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function extensions(request: CertificateRequest): Buffer[] {
  const keyIdentifiers = [
    extension('2.5.29.14', octetString(keyIdentifier(request.publicKey))),
    extension('2.5.29.35', sequence(tagged(0x80, keyIdentifier(request.issuerKey)))),
  ]
  if (request.hosts === undefined) {
    // An authority that signs servers and no further authority.
    const keyCertSignAndCrlSign = bitString(Buffer.from([0b0000_0110]), 1)
    return [
      critical('2.5.29.19', sequence(yes, integer(Buffer.from([0])))),
      critical('2.5.29.15', keyCertSignAndCrlSign),
      ...keyIdentifiers,
    ]
  }
  const digitalSignature = bitString(Buffer.from([0b1000_0000]), 7)
  const serverAuthentication = objectIdentifier('1.3.6.1.5.5.7.3.1')
  return [
    critical('2.5.29.19', sequence()),
    critical('2.5.29.15', digitalSignature),
    extension('2.5.29.37', sequence(serverAuthentication)),
    extension('2.5.29.17', sequence(...request.hosts.map(generalName))),
    ...keyIdentifiers,
  ]
}

function extension(identifier: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(identifier), octetString(value))
}

function critical(identifier: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(identifier), yes, octetString(value))
}

function commonName(name: string): Buffer {
  return sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String(name))))
}

/** SHA-1 names the key here and protects nothing (RFC 5280, 4.2.1.2). */
function keyIdentifier(key: KeyObject): Buffer {
  const info = key.export({ type: 'spki', format: 'der' })
  // The last 65 bytes of a P-256 key's info are its uncompressed point.
  return createHash('sha1').update(info.subarray(-65)).digest()
}

function generalName(host: string): Buffer {
  return isIP(host) === 0
    ? tagged(0x82, Buffer.from(host, 'ascii'))
    : tagged(0x87, addressBytes(host))
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4)
    return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (text: string): number[] => text === ''
    ? []
    : text.split(':').map(group => Number.parseInt(group, 16))
  const [before, after] = [
    groups(head),
    groups(tail ?? ''),
  ]
  const zeros = Array.from<number>({ length: 8 - before.length - after.length }).fill(0)
  const all = [
    ...before,
    ...zeros,
    ...after,
  ]
  return Buffer.from(all.flatMap(group => [group >> 8, group & 0xFF]))
}

/** Positive, unique, 16 bytes (RFC 5280, 4.1.2.2). */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7F) | 0x40
  return bytes
}
