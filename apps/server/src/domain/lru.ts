/** A map that forgets what was not asked for the longest. */
export interface Lru<V> {
  get: (key: string) => V | undefined
  set: (key: string, value: V) => void
  delete: (key: string) => void
  clear: () => void
}

/** `onEvict` is called for what had to make room, not for what was deleted. */
export function createLru<V>(max: number, onEvict?: (key: string, value: V) => void): Lru<V> {
  // A Map keeps the order of insertion: the first key is the oldest one.
  const entries = new Map<string, V>()
  return {
    get(key) {
      const value = entries.get(key)
      if (value !== undefined) {
        entries.delete(key)
        entries.set(key, value)
      }
      return value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= max)
        return
      const [oldest] = entries
      entries.delete(oldest![0])
      onEvict?.(...oldest!)
    },
    delete: key => void entries.delete(key),
    clear: () => entries.clear(),
  }
}
