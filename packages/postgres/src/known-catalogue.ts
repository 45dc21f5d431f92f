import type { Catalogue } from './catalogue.ts'

type Loader = () => Promise<{ readonly default: unknown }>

/** Written by tools/generate-catalogues.ts. */
const loaders: Readonly<Record<number, Loader>> = {
  14: async () => await import('./catalogues/14.json', { with: { type: 'json' } }),
  15: async () => await import('./catalogues/15.json', { with: { type: 'json' } }),
  16: async () => await import('./catalogues/16.json', { with: { type: 'json' } }),
  17: async () => await import('./catalogues/17.json', { with: { type: 'json' } }),
  18: async () => await import('./catalogues/18.json', { with: { type: 'json' } }),
}

/**
 * What a major version offers to users, with the extensions of PostgreSQL itself: for checks before a server of it is
 * there to be asked. Undefined for a version that was not known when this was released.
 */
export async function knownCatalogue(major: number): Promise<Catalogue | undefined> {
  return (await loaders[major]?.())?.default as Catalogue | undefined // our own files
}
