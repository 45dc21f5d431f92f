import type { Installation } from './installation.ts'
import type { Location } from './location.ts'
import { EngineError } from '@howdah/engine'
import { ApiError } from './kubernetes/api.ts'
import { resources } from './kubernetes/objects.ts'
import { namespaceManifest } from './manifests/namespace.ts'
import { installationLabel, managedBy, managedByLabel, namespaceOf } from './names.ts'

/** For so long it is not asked again whose a namespace is. */
const rememberMs = 60_000

/** Whether a label says that something is another control plane's. What has none is from before there were labels, and is whoever's it was. */
export function isAnothers({ installation }: Pick<Location, 'installation'>, owner: string | undefined): boolean {
  return owner !== undefined && owner !== installation
}

/** What is said where a project cannot be had here. */
export function anothers({ installation }: Pick<Location, 'installation'>, namespace: string, owner: string | undefined): EngineError {
  return new EngineError('conflict', `The namespace "${namespace}" belongs to another Howdah installation (${owner}; this one is ${installation}), and nothing was changed in it. Give this location a namespacePrefix of its own.`)
}

/** Have the namespace of a project, and leave it alone where it is another one's. Of two who want it at the same moment one gets it. */
export async function ensureNamespace({ api, location }: Pick<Installation, 'api' | 'location'>, project: string): Promise<void> {
  const name = namespaceOf(location, project)
  const found = await api.get(resources.namespace, { name })
  if (found?.metadata.deletionTimestamp !== undefined)
    throw new EngineError('unavailable', `The namespace of the project "${project}" is being deleted; try again when it is gone.`)
  const { labels = {}, resourceVersion } = found?.metadata ?? {}
  if (found && labels[managedByLabel] !== managedBy)
    throw new EngineError('conflict', `The namespace "${name}" is there and is not ours. Label it ${managedByLabel}=${managedBy} to give it to this location.`)
  const owner = labels[installationLabel]
  if (isAnothers(location, owner))
    throw anothers(location, name, owner)
  if (owner !== undefined)
    return
  try {
    if (found)
      await api.merge(resources.namespace, { name }, { metadata: { resourceVersion, labels: { [installationLabel]: location.installation } } })
    else
      await api.create(resources.namespace, namespaceManifest(location, project))
  }
  catch (error) {
    if (!(error instanceof ApiError && error.status === 409))
      throw error
    // Somebody else changed it since it was looked at.
    await ensureNamespace({ api, location }, project)
  }
}

/** Whose namespaces are, for what in them says nothing of that itself. */
export class Owners {
  readonly #installation: Pick<Installation, 'api' | 'location'>
  readonly #known = new Map<string, Promise<boolean>>()

  constructor(installation: Pick<Installation, 'api' | 'location'>) {
    this.#installation = installation
  }

  async isAnothers(namespace: string): Promise<boolean> {
    const asked = this.#known.get(namespace)
    if (asked)
      return await asked
    const asking = this.#ask(namespace)
    this.#known.set(namespace, asking)
    const forget = (): boolean => this.#known.delete(namespace)
    asking.then(() => void setTimeout(forget, rememberMs).unref(), forget)
    return await asking
  }

  async #ask(name: string): Promise<boolean> {
    const { api, location } = this.#installation
    return isAnothers(location, (await api.get(resources.namespace, { name }))?.metadata.labels?.[installationLabel])
  }
}
