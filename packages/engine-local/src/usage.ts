import type { Client } from 'pg'
import { readUsage, transactionsPerSecond } from '@howdah/postgres'

/** What a server uses, as it was last measured. */
export class Usage {
  #transactions: { readonly count: number, readonly at: number } | undefined
  #storageUsedBytes: number | undefined
  #transactionsPerSecond: number | undefined

  get storageUsedBytes(): number | undefined {
    return this.#storageUsedBytes
  }

  /** Undefined until it was measured twice. */
  get transactionsPerSecond(): number | undefined {
    return this.#transactionsPerSecond
  }

  /** Milliseconds since the last measurement. */
  get age(): number {
    return performance.now() - (this.#transactions?.at ?? Number.NEGATIVE_INFINITY)
  }

  async measure(client: Client): Promise<void> {
    const { storageBytes, transactions } = await readUsage(client)
    const counted = { count: transactions, at: performance.now() }
    const before = this.#transactions
    this.#transactions = counted
    this.#transactionsPerSecond = before && transactionsPerSecond(before.count, counted.count, counted.at - before.at)
    this.#storageUsedBytes = storageBytes
  }
}
