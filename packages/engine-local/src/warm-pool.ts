import type { Binaries } from './binaries.ts'
import type { Installation } from './installation.ts'
import type { Inventory } from './inventory.ts'
import type { PortBook } from './ports.ts'
import type { RunningMember } from './running-member.ts'
import type { Template } from './template.ts'
import { copyDataFolder, syncDataFolder } from './clone.ts'
import { Errands, runErrands } from './errands.ts'
import { markMember } from './member.ts'
import { databasePaths } from './paths.ts'
import { beginPlace, discardPlace, finishPlace, nameOfPlace } from './places.ts'
import { findPostmaster } from './process.ts'
import { adoptMember, startMember, stopMember } from './running-member.ts'
import { renewSystemIdentifier } from './system-identifier.ts'
import { openTemplate, sweepTemplates, templateName } from './template.ts'

/** What kept the pool from being filled, such as a full disk, takes a while to go away. */
const retryMs = 30_000

/** While claims follow each other and half of the stock is left, copies give way to them: they begin this long after the last one. */
const copyAfterMs = 500

/** How much is kept. */
export interface PoolSize {
  /** Without a claim for this long nobody is in a hurry. */
  readonly calmAfterMs: number
  /** Members of some binaries, and how many of these with their server running. */
  readonly of: (binaries: Binaries, isBusy: boolean) => { readonly all: number, readonly running: number }
}

/**
 * Members are folders that wait to be claimed, at the place where they stay: a copy of the template with a system
 * identifier and a certificate of its own, safe on disk. Making one costs some 200 ms of a core, so they are made
 * ahead of need, with low priority. The first ones of the default size run.
 */
export class WarmPool {
  readonly #installation: Installation
  readonly #ports: PortBook
  readonly #size: PoolSize
  readonly #stopped = new Map<string, string[]>()
  readonly #running = new Map<string, RunningMember[]>()
  readonly #templates = new Map<string, Promise<Template>>()
  readonly #wanted = new Map<string, Binaries>()
  /** Copies are made one after the other, and beside them servers are started one after the other: a start takes a tenth of a copy. */
  #copying: Promise<void> | undefined
  #starting: Promise<void> | undefined
  /** While claims come in quick succession, as far as the last one tells. */
  #calm: NodeJS.Timeout | undefined
  #pause: NodeJS.Timeout | undefined
  #resting: Promise<void> = Promise.resolve()
  /** Template of the member whose server is being started. */
  #started: string | undefined
  /** The copy that is under way, which has to end before the pool is closed. A template that is being made need not be waited for. */
  #copy: Promise<unknown> = Promise.resolve()
  readonly #closing = new AbortController()
  /** For what nobody waits for. */
  readonly #errands: Errands

  constructor(installation: Installation, ports: PortBook, size: PoolSize) {
    this.#installation = installation
    this.#errands = new Errands(installation.account, true)
    this.#ports = ports
    this.#size = size
  }

  /** Take in what an earlier run left ready. */
  async open(members: Inventory['members']): Promise<void> {
    await sweepTemplates(this.#installation)
    const known = new Map(this.#installation.binaries.map(binaries => [templateName(binaries), binaries]))
    await Promise.all(members.map(async found => await this.#takeIn(found, known.get(found.member.template))))
  }

  async #takeIn({ root, member }: Inventory['members'][number], binaries: Binaries | undefined): Promise<void> {
    if (binaries && !await findPostmaster(databasePaths(root).data)) {
      this.#add(member.template, root)
      return
    }
    const running = binaries && this.#runningOf(binaries).length < this.#sizeOf(binaries).running
      ? await adoptMember(this.#installation, root, member, { major: binaries.major, preload: (await this.template(binaries)).preload })
      : undefined
    if (binaries && running) {
      this.#ports.note(running.port, nameOfPlace(root))
      this.#runningOf(binaries).push(running)
    }
    else {
      await discardPlace(this.#installation, root)
    }
  }

  /** Keep these binaries in stock from now on. */
  keep(binaries: Binaries): void {
    this.#wanted.set(templateName(binaries), binaries)
    this.#fill()
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

  hasRunning(binaries: Binaries, isWanted: (member: RunningMember) => boolean): boolean {
    return this.#runningOf(binaries).some(isWanted)
  }

  /** A member whose server runs as wanted, which this pool then does not know any more. Undefined: there is none now. */
  takeRunning(binaries: Binaries, isWanted: (member: RunningMember) => boolean): RunningMember | undefined {
    const running = this.#runningOf(binaries)
    const index = running.findIndex(isWanted)
    if (index < 0)
      return undefined
    const [member] = running.splice(index, 1)
    this.#claimed(binaries)
    return member
  }

  /** Whether a member that is stopped need not be made first. */
  hasStopped(binaries: Binaries): boolean {
    return this.#has(binaries).stopped > 0
  }

  /** A member that is stopped, which this pool then does not know any more. Made on the spot when none is ready. */
  async take(binaries: Binaries): Promise<string> {
    try {
      return this.#stopped.get(templateName(binaries))?.shift() ?? await this.#make(binaries, false)
    }
    finally {
      this.#claimed(binaries)
    }
  }

  /** Servers of members end with us: nobody would look after them. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#calm)
    clearTimeout(this.#pause)
    this.#errands.end()
    await Promise.all([this.#copy, this.#starting, this.#resting])
    await Promise.all([...this.#running.values()].flat().map(async member => await stopMember(this.#installation, member)))
    this.#running.clear()
  }

  /** Settles when no member is being started. */
  get settled(): Promise<void> {
    return this.#starting ?? Promise.resolve()
  }

  #runningOf(binaries: Binaries): RunningMember[] {
    const running = this.#running.get(templateName(binaries)) ?? []
    this.#running.set(templateName(binaries), running)
    return running
  }

  #claimed(binaries: Binaries): void {
    clearTimeout(this.#calm)
    this.#calm = setTimeout(() => {
      this.#calm = undefined
      this.#resting = this.#rest()
    }, this.#size.calmAfterMs).unref()
    clearTimeout(this.#pause)
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.#fill()
    }, copyAfterMs).unref()
    this.keep(binaries)
  }

  #sizeOf(binaries: Binaries): ReturnType<PoolSize['of']> {
    return this.#size.of(binaries, this.#calm !== undefined)
  }

  /** Stop the servers that only a next create in quick succession would have taken. */
  async #rest(): Promise<void> {
    await this.settled
    for (const binaries of this.#wanted.values()) {
      const spare = this.#runningOf(binaries).splice(this.#sizeOf(binaries).running)
      await Promise.all(spare.map(async (member) => {
        try {
          if (await stopMember(this.#installation, member))
            this.#add(templateName(binaries), member.root)
        }
        catch (error) {
          this.#installation.log.warn({ err: error }, 'a member of the pool that is not needed now could not be stopped')
        }
        this.#ports.release(nameOfPlace(member.root))
      }))
    }
  }

  #fill(): void {
    if (this.#closing.signal.aborted)
      return
    this.#copying ??= this.#fillUp((binaries) => {
      const [have, want] = [this.#has(binaries).all, this.#sizeOf(binaries).all]
      return have < want && (have <= want / 2 || this.#pause === undefined)
    }, async (binaries) => {
      this.#add(templateName(binaries), await this.#make(binaries, true))
      this.#fill()
    }).finally(() => {
      this.#copying = undefined
    })
    this.#starting ??= this.#fillUp((binaries) => {
      const { running, stopped } = this.#has(binaries)
      return running < this.#sizeOf(binaries).running && stopped > 0
    }, async binaries => await this.#start(binaries, this.#stopped.get(templateName(binaries))?.shift())).finally(() => {
      this.#starting = undefined
    })
  }

  async #fillUp(isMissing: (binaries: Binaries) => boolean, make: (binaries: Binaries) => Promise<void>): Promise<void> {
    const next = (): Binaries | undefined => this.#closing.signal.aborted ? undefined : [...this.#wanted.values()].find(isMissing)
    for (let binaries = next(); binaries; binaries = next()) {
      try {
        await make(binaries)
      }
      catch (error) {
        // The pool is a help, not a need: `take` makes what is missing and reports what is wrong.
        if (this.#closing.signal.aborted)
          return
        this.#installation.log.warn({ err: error, version: binaries.version }, 'the warm pool could not be filled')
        this.#wanted.delete(templateName(binaries))
        this.#retry(binaries)
      }
    }
  }

  #has(binaries: Binaries): { running: number, stopped: number, all: number } {
    const [running, stopped] = [this.#runningOf(binaries).length, this.#stopped.get(templateName(binaries))?.length ?? 0]
    return { running, stopped, all: running + stopped + (this.#started === templateName(binaries) ? 1 : 0) }
  }

  #add(template: string, root: string): void {
    this.#stopped.set(template, [...this.#stopped.get(template) ?? [], root])
  }

  #retry(binaries: Binaries): void {
    setTimeout(() => {
      if (!this.#closing.signal.aborted)
        this.keep(binaries)
    }, retryMs).unref()
  }

  async #start(binaries: Binaries, root: string | undefined): Promise<void> {
    if (root === undefined)
      return
    const name = nameOfPlace(root)
    this.#started = templateName(binaries)
    try {
      const template = await this.template(binaries)
      const port = await this.#ports.reserve(name)
      const member = await startMember(this.#installation, { binaries, port, root, template })
      // One that ends by itself is none any more.
      void member.server?.exited.then(() => this.#forget(binaries, member))
      this.#runningOf(binaries).push(member)
    }
    catch (error) {
      this.#ports.release(name)
      await discardPlace(this.#installation, root)
      throw error
    }
    finally {
      this.#started = undefined
    }
  }

  #forget(binaries: Binaries, member: RunningMember): void {
    const running = this.#runningOf(binaries)
    if (this.#closing.signal.aborted || !running.includes(member))
      return
    running.splice(running.indexOf(member), 1)
    this.#ports.release(nameOfPlace(member.root))
    void discardPlace(this.#installation, member.root)
      .catch((error: unknown) => this.#installation.log.warn({ err: error }, 'a member of the pool that had died could not be removed'))
      .finally(() => this.keep(binaries))
  }

  async #make(binaries: Binaries, background: boolean): Promise<string> {
    const template = await this.template(binaries)
    if (!background)
      return await runErrands(this.#installation.account, async errands => await this.#copyOf(template, binaries, errands))
    const making = this.#copyOf(template, binaries, this.#errands)
    // A copy cleans up after itself.
    this.#copy = making.catch(() => undefined)
    return await making
  }

  async #copyOf(template: Template, binaries: Binaries, errands: Errands): Promise<string> {
    const root = await beginPlace(this.#installation)
    try {
      const { data } = databasePaths(root)
      await copyDataFolder(`${template.data}/.`, data, errands)
      await renewSystemIdentifier(data)
      await markMember(databasePaths(root), templateName(binaries))
      await syncDataFolder(binaries, data, errands)
      return await finishPlace(root)
    }
    catch (error) {
      await discardPlace(this.#installation, root)
      throw error
    }
  }
}
