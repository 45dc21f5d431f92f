import type { Binaries } from './binaries.ts'
import type { Installation } from './installation.ts'
import type { Inventory } from './inventory.ts'
import type { Template } from './template.ts'
import { copyDataFolder, syncDataFolder } from './clone.ts'
import { writeMember } from './member.ts'
import { databasePaths } from './paths.ts'
import { beginPlace, discardPlace, finishPlace } from './places.ts'
import { renewSystemIdentifier } from './system-identifier.ts'
import { openTemplate, sweepTemplates, templateName } from './template.ts'

/** What kept the pool from being filled, such as a full disk, takes a while to go away. */
const retryMs = 30_000

/**
 * Members are folders that wait to be claimed, at the place where they stay: a copy of the template with a system identifier and a certificate of its
 * own, safe on disk. Making one costs some 200 ms of a core, so they are made ahead of need, with low priority.
 */
export class WarmPool {
  readonly #installation: Installation
  readonly #sizeOf: (binaries: Binaries) => number
  readonly #ready = new Map<string, string[]>()
  readonly #templates = new Map<string, Promise<Template>>()
  readonly #wanted = new Map<string, Binaries>()
  #filling: Promise<void> | undefined
  #copying: Promise<unknown> = Promise.resolve()
  readonly #closing = new AbortController()

  constructor(installation: Installation, sizeOf: (binaries: Binaries) => number) {
    this.#installation = installation
    this.#sizeOf = sizeOf
  }

  /** Take in what an earlier run left ready. */
  async open(members: Inventory['members']): Promise<void> {
    await sweepTemplates(this.#installation)
    const known = new Set(this.#installation.binaries.map(templateName))
    for (const { root, member } of members) {
      if (known.has(member.template))
        this.#add(member.template, root)
      else
        await discardPlace(this.#installation, root)
    }
  }

  /** Keep these binaries in stock from now on. */
  keep(binaries: Binaries): void {
    this.#wanted.set(templateName(binaries), binaries)
    this.#fill()
  }

  /** Folders that are ready now. */
  count(binaries: Binaries): number {
    return this.#ready.get(templateName(binaries))?.length ?? 0
  }

  async template(binaries: Binaries): Promise<Template> {
    const key = templateName(binaries)
    const known = this.#templates.get(key)
    if (known)
      return await known
    const opening = openTemplate(this.#installation, binaries)
    this.#templates.set(key, opening)
    try {
      return await opening
    }
    catch (error) {
      this.#templates.delete(key)
      throw error
    }
  }

  /** A member, which this pool then does not know any more. Made on the spot when none is ready. */
  async take(binaries: Binaries): Promise<string> {
    try {
      return this.#ready.get(templateName(binaries))?.shift() ?? await this.#make(binaries, false)
    }
    finally {
      this.keep(binaries)
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#copying
  }

  #fill(): void {
    if (this.#closing.signal.aborted || this.#filling)
      return
    this.#filling = this.#fillUp().finally(() => {
      this.#filling = undefined
    })
  }

  async #fillUp(): Promise<void> {
    for (let next = this.#nextToFill(); next && !this.#closing.signal.aborted; next = this.#nextToFill()) {
      try {
        this.#add(templateName(next), await this.#make(next, true))
      }
      catch (error) {
        // The pool is a help, not a need: `take` makes what is missing and reports what is wrong.
        if (this.#closing.signal.aborted)
          return
        this.#installation.log.warn({ err: error, version: next.version }, 'the warm pool could not be filled')
        this.#wanted.delete(templateName(next))
        this.#retry(next)
      }
    }
  }

  #add(template: string, root: string): void {
    this.#ready.set(template, [...this.#ready.get(template) ?? [], root])
  }

  #retry(binaries: Binaries): void {
    setTimeout(() => {
      if (!this.#closing.signal.aborted)
        this.keep(binaries)
    }, retryMs).unref()
  }

  #nextToFill(): Binaries | undefined {
    return [
      ...this.#wanted.values(),
    ].find(binaries => this.count(binaries) < this.#sizeOf(binaries))
  }

  async #make(binaries: Binaries, background: boolean): Promise<string> {
    const template = await this.template(binaries)
    const making = this.#copy(template, binaries, background)
    // A template that is being made need not be waited for at the end; a copy cleans up after itself.
    if (background)
      this.#copying = making.catch(() => undefined)
    return await making
  }

  async #copy(template: Template, binaries: Binaries, background: boolean): Promise<string> {
    const { account } = this.#installation
    const how = { account, background, ...background ? { signal: this.#closing.signal } : {} }
    const root = await beginPlace(this.#installation)
    try {
      const { data } = databasePaths(root)
      await copyDataFolder(`${template.data}/.`, data, how)
      await renewSystemIdentifier(data)
      await writeMember(databasePaths(root), templateName(binaries))
      await syncDataFolder(binaries, data, how)
      return await finishPlace(root)
    }
    catch (error) {
      await discardPlace(this.#installation, root)
      throw error
    }
  }
}
