/** Whether `whole` has everything that `part` has, at the same places; lists must be equal in length. */
export function isSubset(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part))
    return Array.isArray(whole) && part.length === whole.length && part.every((item, index) => isSubset(item, whole[index]))
  if (typeof part === 'object' && part !== null) {
    return typeof whole === 'object' && whole !== null
      && Object.entries(part).every(([key, value]) => isSubset(value, (whole as Record<string, unknown>)[key]))
  }
  return part === whole
}
