import type { Catalogue, InstalledExtension, Session } from '@howdah/postgres'
import { bringExtension, readExtensions } from '@howdah/postgres'

/** Make them anew, in the version that the new major brings, in the order in which they were made. Answers those versions. */
export async function copyExtensions(session: Session, catalogue: Catalogue, extensions: readonly InstalledExtension[]): Promise<ReadonlyMap<string, string>> {
  for (const extension of extensions)
    await bringExtension(session, catalogue, extension)
  return new Map((await readExtensions(session)).map(({ name, version }) => [name, version]))
}
