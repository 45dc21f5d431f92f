/** Fields that never reach a log, wherever they stand. Our code does not log them; this is for what others pass on. */
const secretFields = new Set([
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'refreshToken',
  'authorization',
  'cookie',
  'set-cookie',
  'secret',
  'key',
])
/** Deeper than anything that is logged; it ends what refers to itself. */
const deepest = 6

/** The same object without its secrets; a copy only where it has some. */
export function censored<T extends object>(value: T, depth = 0): T {
  let copy: T | undefined
  for (const key in value) {
    const field = value[key]
    const shown: unknown = secretFields.has(key)
      ? '[secret]'
      : isPlain(field) && depth < deepest
        ? censored(field, depth + 1)
        : field
    if (shown === field)
      continue
    copy ??= Array.isArray(value) ? [...value] as T : { ...value } // what a plain object or an array is made of
    copy[key] = shown as typeof field
  }
  return copy ?? value
}

/** Errors, requests and the like have serializers, which choose what is shown of them. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null)
    return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}
