import { Buffer } from 'node:buffer'

/** The little of ASN.1's DER (X.690) that a certificate needs. Each function answers an encoded value. */

export function sequence(...items: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...items)
}

export function set(...items: readonly Uint8Array[]): Buffer {
  return tagged(0x31, ...items)
}

/** Any value under a tag of one byte. */
export function tagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([
    Buffer.from([tag]),
    lengthOf(content.length),
    content,
  ])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80)
    return Buffer.from([length])
  const bytes = length < 0x100
    ? [length]
    : [length >> 8, length & 0xFF]
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

/** A positive integer; `bytes` are big-endian and begin with a clear upper bit. */
export function integer(bytes: Uint8Array): Buffer {
  return tagged(0x02, bytes)
}

export const yes = Buffer.from([0x01, 0x01, 0xFF])

export function octetString(content: Uint8Array): Buffer {
  return tagged(0x04, content)
}

export function bitString(content: Uint8Array, unusedBits = 0): Buffer {
  return tagged(0x03, Buffer.from([unusedBits]), content)
}

export function utf8String(text: string): Buffer {
  return tagged(0x0C, Buffer.from(text))
}

export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([
    first * 40 + second,
    ...rest.flatMap(base128),
  ]))
}

function base128(value: number): number[] {
  const bytes = [value & 0x7F]
  for (let left = value >>> 7; left > 0; left >>>= 7)
    bytes.unshift((left & 0x7F) | 0x80)
  return bytes
}

/** UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280, 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/\D/g, '').slice(0, 14)
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : tagged(0x18, Buffer.from(`${digits}Z`))
}
