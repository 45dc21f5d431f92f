import type { BundledPackage } from './packages.ts'

/** Licences of the packages in a bundle, which most of them ask to be passed on. */
export function noticesOf(packages: readonly BundledPackage[]): string {
  const entries = packages.map(({ name, version, license, notices }) => [`${name} ${version} (${license})`, ...notices.map(notice => notice.trim())].join('\n\n'))
  return `${entries.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}
