import { findProgram } from './find-program.ts'
import { Missing } from './missing.ts'

/** Path of the Go command. */
export async function go(): Promise<string> {
  const path = await findProgram('go', ['/usr/local/go/bin', '/usr/lib/go/bin'])
  if (!path)
    throw new Missing('Go is missing; install it from https://go.dev/dl')
  return path
}
