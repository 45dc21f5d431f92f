import { notFound } from './errors.ts'

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** An id of a path. What cannot be one names nothing, so it answers like what does not exist. */
export function idOf(text: string): string {
  if (!uuid.test(text))
    throw notFound()
  return text.toLowerCase()
}
