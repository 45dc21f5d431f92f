import process from 'node:process'
import { pinnedNodePackage } from './pinned-node.mjs'
import { Refusal } from './refusal.mjs'

/** Refuse what cannot work, before anything is downloaded. */
export function refuseUnsupported() {
  if (process.platform === 'win32')
    throw new Refusal('Howdah does not run on Windows itself.', 'use WSL 2 (`wsl --install`), clone the repository inside it and run the command there.')
  if (!pinnedNodePackage) {
    throw new Refusal(
      `Howdah does not run on ${process.platform} ${process.arch}.`,
      'use Linux or macOS on x64 or arm64; those are what PostgreSQL and Node.js come built for on npm.',
    )
  }
  if (process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime)
    throw new Refusal('Howdah needs a Linux with glibc; this one has another C library (Alpine has musl).', 'use Debian, Ubuntu, Fedora or another distribution with glibc.')
}
