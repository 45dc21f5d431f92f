import type { Binaries } from './binaries.ts'
import type { Installation } from './installation.ts'
import type { Template } from './template.ts'
import { randomUUID } from 'node:crypto'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { certificateHosts, writeCertificate } from './certificates.ts'
import { copyDataFolder, syncDataFolder } from './clone.ts'
import { hasCode, makeFolder } from './files.ts'
import { databasePaths } from './paths.ts'
import { isAlive } from './process.ts'
import { renewSystemIdentifier } from './system-identifier.ts'
import { openTemplate, sweepTemplates, templateName } from './template.ts'
import { removeStubbornly, throwAway } from './trash.ts'

/** What kept the pool from being filled, such as a full disk, takes a while to go away. */
const retryMs = 30_000

/**
 * Database folders that wait to be claimed: a copy of the template with a system identifier and a certificate of its
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

  /** Find what an earlier run left ready, remove what it left half-made, and begin to fill. */
  async open(): Promise<void> {
    await sweepTemplates(this.#installation)
    const { pool } = this.#installation.paths
    const known = new Map(this.#installation.binaries.map(binaries => [
      templateName(binaries),
      binaries,
    ]))
    for (const key of await readdir(pool)) {
      if (!known.has(key)) {
        await throwAway(this.#installation.paths, join(pool, key))
        continue
      }
      const ready: string[] = []
      for (const name of await readdir(join(pool, key))) {
        const maker = /\.(\d+)\.tmp$/.exec(name)
        if (!maker)
          ready.push(join(pool, key, name))
        else if (!isAlive(Number(maker[1])))
          await throwAway(this.#installation.paths, join(pool, key, name))
      }
      this.#ready.set(key, ready)
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

  /** A folder that nobody else will get. Made on the spot when none is ready. */
  async take(binaries: Binaries): Promise<string> {
    const ready = this.#ready.get(templateName(binaries)) ?? []
    try {
      for (let path = ready.shift(); path !== undefined; path = ready.shift()) {
        const mine = `${path}.${process.pid}.tmp`
        if (await isRenamed(path, mine))
          return mine
      }
      return await this.#make(binaries, false)
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
        const made = await this.#make(next, true)
        const path = made.replace(/\.\d+\.tmp$/, '')
        await rename(made, path)
        const key = templateName(next)
        this.#ready.set(key, [
          ...this.#ready.get(key) ?? [],
          path,
        ])
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
    const { account, authority, host, paths } = this.#installation
    const how = { account, background, ...background ? { signal: this.#closing.signal } : {} }
    const root = join(paths.pool, templateName(binaries), `${randomUUID()}.${process.pid}.tmp`)
    const member = databasePaths(root)
    try {
      await makeFolder(root, 0o755)
      await makeFolder(member.instance, 0o755)
      await makeFolder(member.log, 0o700, account)
      await writeCertificate(authority, certificateHosts(host), member, account)
      await makeFolder(member.data, 0o700, account)
      await copyDataFolder(`${template.data}/.`, member.data, how)
      await renewSystemIdentifier(member.data)
      await syncDataFolder(binaries, member.data, how)
      return root
    }
    catch (error) {
      await removeStubbornly(root)
      throw error
    }
  }
}

async function isRenamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  }
  catch (error) {
    // Another process of this installation took it.
    if (hasCode(error, 'ENOENT'))
      return false
    throw error
  }
}
