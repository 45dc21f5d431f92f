/** RFC 3339 → what an input for local times holds. Empty where it is no time. */
export function toLocalInput(iso: string): string {
  const at = Date.parse(iso)
  if (Number.isNaN(at))
    return ''
  // The input knows no zone: the shifted time reads as the local one.
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

export function fromLocalInput(text: string): string {
  const at = Date.parse(text)
  return Number.isNaN(at) ? '' : new Date(at).toISOString()
}
