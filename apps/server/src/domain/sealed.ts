import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

const version = 1
const idLength = 4
const ivLength = 12
const tagLength = 16

/** Where a secret belongs. A sealed value that was moved to another place does not open. */
export interface Place { readonly project: string, readonly owner: string, readonly field: string }

/** Encrypts what the store keeps: AES-256-GCM, bound to its place. */
export interface SecretBox {
  seal: (plain: string, place: Place) => Buffer
  /** Throws when the value was changed, moved, or sealed with a key that is no longer configured. */
  open: (sealed: Buffer, place: Place) => string
  /** A key of its own for a purpose, derived from the newest master key. */
  derive: (purpose: string) => Buffer
  /** The same from each master key, the newest first: for what older ones have sealed. */
  deriveAll: (purpose: string) => readonly Buffer[]
}

/** `keys`: base64 of 32 bytes each; the first one seals, all of them open (rotation). */
export function createSecretBox(keys: readonly string[]): SecretBox {
  const masters = keys.map((key) => {
    const bytes = Buffer.from(key, 'base64')
    if (bytes.length !== 32)
      throw new Error('HOWDAH_SECRET_KEY must be 32 bytes in base64; make one with: openssl rand -base64 32')
    return {
      bytes,
      id: createHash('sha256').update('howdah key id').update(bytes).digest().subarray(0, idLength),
      sealing: derived(bytes, 'sealed values'),
    }
  })
  const newest = masters[0]
  if (!newest)
    throw new Error('No secret key')
  return {
    seal(plain, place) {
      const iv = randomBytes(ivLength)
      const cipher = createCipheriv('aes-256-gcm', newest.sealing, iv)
      cipher.setAAD(aad(place))
      const body = Buffer.concat([
        cipher.update(plain, 'utf8'),
        cipher.final(),
      ])
      return Buffer.concat([
        Buffer.of(version),
        newest.id,
        iv,
        cipher.getAuthTag(),
        body,
      ])
    },
    open(sealed, place) {
      const id = sealed.subarray(1, 1 + idLength)
      const master = masters.find(candidate => candidate.id.equals(id))
      if (sealed[0] !== version || !master)
        throw new Error('A stored secret was sealed with a key that is not configured. Add the former key to HOWDAH_SECRET_KEY, after a comma.')
      const iv = sealed.subarray(1 + idLength, 1 + idLength + ivLength)
      const decipher = createDecipheriv('aes-256-gcm', master.sealing, iv)
      decipher.setAAD(aad(place))
      decipher.setAuthTag(sealed.subarray(1 + idLength + ivLength, 1 + idLength + ivLength + tagLength))
      return decipher.update(sealed.subarray(1 + idLength + ivLength + tagLength), undefined, 'utf8') + decipher.final('utf8')
    },
    derive: purpose => derived(newest.bytes, purpose),
    deriveAll: purpose => masters.map(({ bytes }) => derived(bytes, purpose)),
  }
}

function derived(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `howdah ${purpose}`, 32))
}

function aad(place: Place): Buffer {
  return Buffer.from(JSON.stringify([place.project, place.owner, place.field]))
}

/** A password for PostgreSQL: 32 characters that need no quoting in a URI, a shell or a file; 190 bits. */
export function generatePassword(): string {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'
  let password = ''
  while (password.length < 32) {
    for (const byte of randomBytes(48)) {
      // 228 = 4 x 57: bytes above would make some characters likelier.
      if (byte < 228 && password.length < 32)
        password += alphabet[byte % alphabet.length]
    }
  }
  return password
}
