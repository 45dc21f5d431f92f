import type { BundledPackage } from './packages.ts'
import process from 'node:process'

export interface DebianPackage { readonly name: string, readonly version: string }

/** What is in the image, as CycloneDX 1.5. Of npm exactly the packages whose files are in the bundle: npm's own list has what is installed. */
export function sbomOf(version: string, libraries: readonly DebianPackage[], packages: readonly BundledPackage[]): string {
  const components = [
    { type: 'platform', name: 'node', version: process.versions.node, purl: `pkg:generic/node@${process.versions.node}`, licenses: [{ license: { id: 'MIT' } }] },
    ...libraries.map(({ name, version }) => ({ type: 'library', name, version, purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}` })),
    ...packages.map(({ name, version, license }) => ({ type: 'library', name, version, purl: `pkg:npm/${name.replace('@', '%40')}@${version}`, licenses: [{ expression: license }] })),
  ]
  return `${JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { 'bom-ref': 'howdah', 'type': 'application', 'name': 'howdah', version, 'purl': `pkg:npm/%40howdah/server@${version}`, 'licenses': [{ license: { id: 'Apache-2.0' } }] } },
    components: components.map(component => ({ 'bom-ref': component.purl, ...component })),
  }, null, 2)}\n`
}
