import { createServer } from 'node:net'
import { EngineError } from '@howdah/engine'
import { hasCode } from '@howdah/machine'

export interface PortRange {
  readonly from: number
  readonly to: number
}

/** Below the ports that Linux and macOS hand out by themselves (32768 and up), above the well-known ones. */
export const defaultPortRange: PortRange = { from: 20_000, to: 29_999 }

/** Which database has which port. The truth is in the identities; this only keeps two creates from the same one. */
export class PortBook {
  readonly #range: PortRange
  readonly #host: string
  readonly #taken = new Map<number, string>()

  constructor(range: PortRange, host: string) {
    this.#range = range
    this.#host = host
  }

  note(port: number, id: string): void {
    this.#taken.set(port, id)
  }

  of(id: string): number | undefined {
    return [...this.#taken].find(([, owner]) => owner === id)?.[0]
  }

  release(id: string): void {
    for (const [port, owner] of this.#taken) {
      if (owner === id)
        this.#taken.delete(port)
    }
  }

  free(port: number): void {
    this.#taken.delete(port)
  }

  /** A port that nobody has. Begins at a place of the id's own, so that a deleted database's port is not reused at once. */
  async reserve(id: string): Promise<number> {
    const { from, to } = this.#range
    const count = to - from + 1
    const start = hash(id) % count
    for (let offset = 0; offset < count; offset++) {
      const port = from + (start + offset) % count
      if (this.#taken.has(port))
        continue
      this.#taken.set(port, id)
      if (await isFree(this.#host, port))
        return port
      this.#taken.delete(port)
    }
    throw new EngineError('exhausted', `All ports from ${from} to ${to} are taken. Delete a database or widen the range.`)
  }
}

/** Whether a server could listen there now. */
export async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, exclusive: true }, resolve)
    })
    await new Promise(resolve => server.close(resolve))
    return true
  }
  catch (error) {
    if (hasCode(error, 'EADDRINUSE', 'EACCES'))
      return false
    throw error
  }
}

/** FNV-1a: spreads ids over the range. */
function hash(text: string): number {
  let value = 0x811C9DC5
  for (const char of text)
    value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return value
}
