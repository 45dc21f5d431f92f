const texts = new WeakMap<object, string>()

/** Keeps the JSON text of a body that is answered many times. It must not change afterwards. */
export function keepJson<T extends object>(body: T): T {
  texts.set(body, JSON.stringify(body))
  return body
}

export function jsonOf(body: unknown): string {
  const kept = typeof body === 'object' && body !== null
    ? texts.get(body)
    : undefined
  return kept ?? JSON.stringify(body)
}
