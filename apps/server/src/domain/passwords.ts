import { Buffer } from 'node:buffer'
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { AppError } from './errors.ts'

/** argon2id as OWASP's Password Storage Cheat Sheet has it: 19 MiB, two passes, one lane. About 40 ms of one core. */
const memoryKib = 19 * 1024
const passes = 2
const lanes = 1
const saltLength = 16
const hashLength = 32
/** More that wait than this means seconds of waiting: they are told to come back. */
const mostWaiting = 50

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

/** What the password of nobody is compared with: random, so that no password fits. */
const nobody = `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${unpadded(randomBytes(saltLength))}$${unpadded(randomBytes(hashLength))}`

/** Hashes and checks passwords of people, off the event loop. */
export interface Passwords {
  /** A PHC string. */
  hash: (password: string) => Promise<string>
  /** Takes the same time when there is no hash, so that nobody learns from it which people exist. */
  verify: (password: string, phc: string | undefined) => Promise<boolean>
}

/** `concurrency`: how many at once. The default leaves half of the cores to requests. */
export function createPasswords(concurrency = Math.max(1, Math.floor(availableParallelism() / 2))): Passwords {
  const waiting: (() => void)[] = []
  let running = 0

  async function derive(password: string, salt: Buffer, cost: { memory: number, passes: number, parallelism: number, tagLength: number }): Promise<Buffer> {
    if (running >= concurrency) {
      if (waiting.length >= mostWaiting)
        throw new AppError('rate-limited', 'Too many sign-ins at the same time. Try again in a moment.', { retryAfter: 2 })
      // Whoever leaves hands its place over, so `running` stays as it is.
      await new Promise<void>(resolve => waiting.push(resolve))
    }
    else {
      running++
    }
    try {
      return await new Promise((resolve, reject) => {
        // NFKC as NIST SP 800-63B asks: the same password typed on another keyboard is the same.
        argon2('argon2id', {
          message: password.normalize('NFKC'),
          nonce: salt,
          ...cost,
        }, (error, tag) => error
          ? reject(error)
          : resolve(Buffer.from(tag)))
      })
    }
    finally {
      const next = waiting.shift()
      if (next)
        next()
      else
        running--
    }
  }

  async function hash(password: string): Promise<string> {
    const salt = randomBytes(saltLength)
    const tag = await derive(password, salt, {
      memory: memoryKib,
      passes,
      parallelism: lanes,
      tagLength: hashLength,
    })
    return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(tag)}`
  }

  return {
    hash,
    async verify(password, phc = nobody) {
      const parsed = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(phc)
      if (!parsed)
        throw new Error('A stored password hash is not an argon2id PHC string')
      const expected = Buffer.from(parsed[5]!, 'base64')
      const tag = await derive(password, Buffer.from(parsed[4]!, 'base64'), {
        memory: Number(parsed[1]),
        passes: Number(parsed[2]),
        parallelism: Number(parsed[3]),
        tagLength: expected.length,
      })
      return timingSafeEqual(tag, expected) && phc !== nobody
    },
  }
}
