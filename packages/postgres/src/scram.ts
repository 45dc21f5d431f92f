import { Buffer } from 'node:buffer'
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(pbkdf2)

/** PostgreSQL's own default, for passwords that people may choose. */
const iterationsForPeople = 4096
/** A password of 256 random bits cannot be guessed, so stretching it would only cost time at each login of ours. */
export const iterationsForMachines = 1

/** What PostgreSQL stores instead of the password (RFC 5803). It accepts this text wherever it accepts a password. */
export async function scramVerifier(password: string, iterations = iterationsForPeople): Promise<string> {
  const salt = randomBytes(16)
  return await verifierOf(password, salt, iterations)
}

/** Whether the verifier was made from this password. */
export async function matchesVerifier(password: string, verifier: string): Promise<boolean> {
  const parts = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(verifier)
  if (!parts?.[1] || !parts[2])
    return false
  const again = await verifierOf(password, Buffer.from(parts[2], 'base64'), Number(parts[1]))
  return again.length === verifier.length && timingSafeEqual(Buffer.from(again), Buffer.from(verifier))
}

async function verifierOf(password: string, salt: Buffer, iterations: number): Promise<string> {
  const salted = await derive(saslPrep(password), salt, iterations, 32, 'sha256')
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64')
  const serverKey = hmac(salted, 'Server Key').toString('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/**
 * RFC 4013 as PostgreSQL and its clients apply it: what it prohibits is used as it is rather than refused. Only text
 * beyond ASCII is touched.
 */
function saslPrep(password: string): string {
  // eslint-disable-next-line no-control-regex -- ASCII is the range that is meant
  if (/^[\x00-\x7F]*$/.test(password))
    return password
  const mapped = password
    .replaceAll(/[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/g, ' ')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFKC')
  return /[\p{Cc}\p{Co}\p{Cs}\p{Cn}\u2028\u2029\uFFF9-\uFFFD]/u.test(mapped) || mapped === ''
    ? password
    : mapped
}
