import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { letGo } from './let-go.ts'
import { compress, decompress } from './zstd.ts'

/**
 * An object of an archive: compressed, then sealed, for one place. Whoever changes it, moves it, or puts one database's in
 * place of another's makes it unreadable, never wrong.
 *
 *     magic 4 · key id 8 · time 8 · nonce 12 · tag 16 · AES-256-GCM of zstd
 *
 * What comes before the tag is authenticated together with the key under which the object is stored.
 */
const magic = Buffer.from('HWD1')
const offsets = { keyId: 4, time: 12, nonce: 20, tag: 32, body: 48 } as const

export interface ArchiveKey {
  /** 8 bytes in hex: tells which key opens an object after the key was changed. */
  readonly id: string
  /** 32 bytes. */
  readonly secret: Uint8Array
}

/** Damaged, changed, moved, or sealed with a key that is not at hand. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError'
}

/** `time`: of what is inside; it can be read without opening. */
export async function seal(content: Uint8Array, place: string, key: ArchiveKey, time: Date): Promise<Buffer> {
  const header = Buffer.alloc(offsets.tag)
  magic.copy(header)
  header.write(key.id, offsets.keyId, 'hex')
  header.writeBigUInt64BE(BigInt(time.getTime()), offsets.time)
  randomBytes(12).copy(header, offsets.nonce)
  const cipher = createCipheriv('aes-256-gcm', key.secret, header.subarray(offsets.nonce, offsets.tag))
  cipher.setAAD(Buffer.concat([header.subarray(0, offsets.nonce), Buffer.from(place)]))
  const compressed = await compress(content)
  const body = cipher.update(compressed)
  letGo(compressed)
  cipher.final()
  return Buffer.concat([header, cipher.getAuthTag(), body])
}

export async function unseal(sealed: Uint8Array, place: string, keys: readonly ArchiveKey[]): Promise<{ content: Buffer, time: Date }> {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (bytes.length < offsets.body || !bytes.subarray(0, offsets.keyId).equals(magic))
    throw new EnvelopeError(`${place} is damaged: it is not what was written`)
  const id = bytes.toString('hex', offsets.keyId, offsets.time)
  const key = keys.find(candidate => candidate.id === id)
  if (!key)
    throw new EnvelopeError(`${place} was sealed with the key ${id}, which this installation does not have`)
  const decipher = createDecipheriv('aes-256-gcm', key.secret, bytes.subarray(offsets.nonce, offsets.tag))
  decipher.setAAD(Buffer.concat([bytes.subarray(0, offsets.nonce), Buffer.from(place)]))
  decipher.setAuthTag(bytes.subarray(offsets.tag, offsets.body))
  const compressed = decipher.update(bytes.subarray(offsets.body))
  try {
    decipher.final()
  }
  catch (error) {
    throw new EnvelopeError(`${place} is damaged, or another key sealed it: what is there is not what was written`, { cause: error })
  }
  const content = await decompress(compressed)
  letGo(compressed)
  return { content, time: new Date(Number(bytes.readBigUInt64BE(offsets.time))) }
}
