import { isIPv6 } from 'node:net'
import { createLru } from './lru.ts'

/** How much guessing each key allows: some failures for nothing, then a wait that doubles up to `longestMs`. */
interface Allowance { readonly free: number, readonly firstMs: number, readonly longestMs: number, readonly forgiveMs: number }

/** Somebody who mistypes is one person at one address. */
const perPair: Allowance = {
  free: 5,
  firstMs: 1000,
  longestMs: 60_000,
  forgiveMs: 60_000,
}
/** Guessing one person's password from many addresses. */
const perPerson: Allowance = {
  free: 20,
  firstMs: 1000,
  longestMs: 60_000,
  forgiveMs: 60_000,
}
/** Guessing many people's passwords from one address, which may be an office. */
const perAddress: Allowance = {
  free: 30,
  firstMs: 1000,
  longestMs: 60_000,
  forgiveMs: 10_000,
}
const mostRemembered = 50_000

/** One try to sign in that was let through. It counts as a failure until `succeeded` is called. */
export interface LoginTry { readonly allowed: true, readonly succeeded: () => void }
/** `begins`: the first refusal since one was let through, which is the one worth an audit entry. */
export interface LoginRefusal { readonly allowed: false, readonly retryAfter: number, readonly begins: boolean }

export interface LoginGuard {
  attempt: (email: string, address: string | null) => LoginTry | LoginRefusal
}

/**
 * Slows the guessing of passwords, known e-mail or not, before anything is hashed.
 *
 * It must not become a way to lock a person out: a wait is a minute at most, tries during a wait do not prolong it,
 * and an address from which the person has signed in is not bound by what other addresses do to the person's e-mail.
 * Refreshing a session is not concerned. Each process counts for itself: with N api processes a guesser has N times the
 * tries, which is still hopeless against 12 characters.
 */
export function createLoginGuard(now: () => number = Date.now): LoginGuard {
  const pairs = createCounter(perPair, now)
  const persons = createCounter(perPerson, now)
  const addresses = createCounter(perAddress, now)
  const home = createLru<true>(mostRemembered)

  return {
    attempt(email, address) {
      const person = email.trim().toLowerCase()
      const place = placeOf(address)
      const pair = `${person} ${place}`
      const checks: [ReturnType<typeof createCounter>, string][] = [
        [pairs, pair],
        [addresses, place],
      ]
      if (!home.get(pair))
        checks.push([persons, person])
      const waits = checks.map(([counter, key]) => counter.wait(key))
      const longest = Math.max(...waits)
      if (longest > 0) {
        const begins = checks.map(([counter, key], index) => waits[index]! > 0 && counter.refuse(key)).some(Boolean)
        return {
          allowed: false,
          retryAfter: Math.ceil(longest / 1000),
          begins,
        }
      }
      for (const [counter, key] of checks) counter.fail(key)
      return {
        allowed: true,
        succeeded() {
          home.set(pair, true)
          pairs.reset(pair)
          // A right password does not pay for the wrong ones that were tried on others from the same address.
          for (const [counter, key] of checks.slice(1)) counter.undo(key)
        },
      }
    },
  }
}

function createCounter({ free, firstMs, longestMs, forgiveMs }: Allowance, now: () => number) {
  const failures = createLru<{ count: number, at: number, refused: boolean }>(mostRemembered)
  function present(key: string) {
    const entry = failures.get(key)
    return entry && {
      ...entry,
      count: Math.max(0, entry.count - Math.floor((now() - entry.at) / forgiveMs)),
    }
  }
  return {
    /** Milliseconds until the next try. */
    wait(key: string): number {
      const entry = failures.get(key)
      if (!entry || entry.count < free)
        return 0
      return Math.max(0, entry.at + Math.min(longestMs, firstMs * 2 ** (entry.count - free)) - now())
    },
    fail(key: string): void {
      failures.set(key, {
        count: (present(key)?.count ?? 0) + 1,
        at: now(),
        refused: false,
      })
    },
    undo(key: string): void {
      const entry = failures.get(key)
      if (entry) {
        failures.set(key, {
          ...entry,
          count: Math.max(0, entry.count - 1),
        })
      }
    },
    reset: (key: string): void => failures.delete(key),
    /** True the first time since the last failure. */
    refuse(key: string): boolean {
      const entry = failures.get(key)
      if (!entry || entry.refused)
        return false
      entry.refused = true
      return true
    },
  }
}

/** A household has a /64 of IPv6, so its single addresses say nothing. */
function placeOf(address: string | null): string {
  if (address === null || !isIPv6(address) || address.startsWith('::ffff:'))
    return address ?? 'unknown'
  const [head = '', tail] = address.split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail?.split(':').filter(Boolean) ?? []
  const groups = [
    ...left,
    ...Array.from<string>({
      length: Math.max(0, 8 - left.length - right.length),
    }).fill('0'),
    ...right,
  ]
  return groups.slice(0, 4).map(group => Number.parseInt(group, 16).toString(16)).join(':')
}
