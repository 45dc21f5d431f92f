import type { Binaries } from './binaries.ts'
import type { Installation } from './installation.ts'
import type { Inventory } from './inventory.ts'
import type { PortBook } from './ports.ts'
import type { MemberToBe, RunningMember } from './running-member.ts'
import type { Template } from './template.ts'
import { copyDataFolder, syncDataFolder } from './clone.ts'
import { Errands, runErrands } from './errands.ts'
import { markMember } from './member.ts'
import { databasePaths } from './paths.ts'
import { beginPlace, discardPlace, finishPlace, nameOfPlace } from './places.ts'
import { findPostmaster } from './process.ts'
import { adoptMember, memberToBe, startMember, stopMember } from './running-member.ts'
import { Stock } from './stock.ts'
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

/** A member whose server is being started. `ready` settles also when that fails. */
interface Starting {
  readonly member: MemberToBe
  readonly ready: Promise<void>
  isAwaited: boolean
}

/**
 * Members are folders that wait to be claimed, at the place where they stay: a copy of the template with a system
 * identifier and a certificate of its own, safe on disk. Making one takes some 100 ms, half of a core and half of the
 * disk, so they are made ahead of need, with low priority. The first ones of the default size run.
 */
export class WarmPool {
  readonly #installation: Installation
  readonly #ports: PortBook
  readonly #size: PoolSize
  readonly #stopped = new Map<string, Stock>()
  readonly #running = new Map<string, RunningMember[]>()
  readonly #templates = new Map<string, Promise<Template>>()
  readonly #wanted = new Map<string, Binaries>()
  /** Copies are made one after the other, while the one before is made safe on disk; beside them servers are started one after the other. */
  #copying: Promise<void> | undefined
  #starting: Promise<void> | undefined
  /** While claims come in quick succession, as far as the last one tells. */
  #calm: NodeJS.Timeout | undefined
  #pause: NodeJS.Timeout | undefined
  #resting: Promise<void> = Promise.resolve()
  /** Template of the member whose server is being started, and what is known of it. */
  #started: string | undefined
  #next: Starting | undefined
  /** Template of the copy that is made safe on disk. */
  #written: string | undefined
  /** The copy that is under way, and the one that is made safe, which have to end before the pool is closed. A template that is being made need not be waited for. */
  #copy: Promise<unknown> = Promise.resolve()
  #writing: Promise<void> = Promise.resolve()
  readonly #closing = new AbortController()
  /** For what nobody waits for: copies, and what makes them safe. */
  readonly #copies: Errands
  readonly #writes: Errands

  constructor(installation: Installation, ports: PortBook, size: PoolSize) {
    this.#installation = installation
    this.#copies = new Errands(installation.account, true)
    this.#writes = new Errands(installation.account, true)
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
      this.#stockOf(member.template).add(root)
      return
    }
    const running = binaries && this.#runningOf(binaries).length < this.#sizeOf(binaries).running
      ? await adoptMember(this.#installation, root, member, { major: binaries.major, preload: (await this.template(binaries)).preload })
      : undefined
    if (binaries && running) {
      this.#ports.note(running.port, nameOfPlace(root))
      this.#keepRunning(binaries, running)
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

  /** Wait for a server that is being started, where it will be as wanted. False: none is, or somebody else waits for it. */
  async isStarted(isWanted: (member: MemberToBe) => boolean): Promise<boolean> {
    const next = this.#next
    if (!next || next.isAwaited || !isWanted(next.member))
      return false
    next.isAwaited = true
    await next.ready
    return true
  }

  /** Whether a member that is stopped need not be made first. */
  hasStopped(binaries: Binaries): boolean {
    return this.#has(binaries).stopped > 0
  }

  /** A member that is stopped, which this pool then does not know any more. Made on the spot when none is ready. */
  async take(binaries: Binaries): Promise<string> {
    const stock = this.#stockOf(templateName(binaries))
    try {
      return stock.take() ?? await stock.next(this.#makeNow(binaries))
    }
    finally {
      this.#claimed(binaries)
    }
  }

  /** Whether creates follow each other: what can wait gives way to them. */
  get isHurried(): boolean {
    return this.#pause !== undefined
  }

  /** Servers of members end with us: nobody would look after them. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#calm)
    clearTimeout(this.#pause)
    this.#copies.end()
    this.#writes.end()
    await Promise.all([this.#copy, this.#starting, this.#resting])
    await this.#writing
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
            this.#stockOf(templateName(binaries)).add(member.root)
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
      return have < want && (have <= want / 2 || !this.isHurried)
    }, async binaries => await this.#makeAhead(binaries)).finally(() => {
      this.#copying = undefined
    })
    this.#starting ??= this.#fillUp((binaries) => {
      const { running, stopped } = this.#has(binaries)
      return running < this.#sizeOf(binaries).running && stopped > 0
    }, async binaries => await this.#start(binaries, this.#stockOf(templateName(binaries)).take())).finally(() => {
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
        this.#giveUp(binaries, error)
      }
    }
  }

  #has(binaries: Binaries): { running: number, stopped: number, all: number } {
    const template = templateName(binaries)
    const [running, stopped] = [this.#runningOf(binaries).length, this.#stockOf(template).size]
    return { running, stopped, all: running + stopped + [this.#started, this.#written].filter(name => name === template).length }
  }

  #stockOf(template: string): Stock {
    const stock = this.#stopped.get(template) ?? new Stock()
    this.#stopped.set(template, stock)
    return stock
  }

  /** The pool is a help, not a need: `take` makes what is missing and reports what is wrong. */
  #giveUp(binaries: Binaries, error: unknown): void {
    if (this.#closing.signal.aborted)
      return
    this.#installation.log.warn({ err: error, version: binaries.version }, 'the warm pool could not be filled')
    this.#wanted.delete(templateName(binaries))
    setTimeout(() => {
      if (!this.#closing.signal.aborted)
        this.keep(binaries)
    }, retryMs).unref()
  }

  async #start(binaries: Binaries, root: string | undefined): Promise<void> {
    if (root === undefined)
      return
    const name = nameOfPlace(root)
    const ready = Promise.withResolvers<void>()
    this.#started = templateName(binaries)
    try {
      const template = await this.template(binaries)
      const port = await this.#ports.reserve(name)
      const next = await memberToBe(this.#installation, { binaries, port, root, template })
      this.#next = { member: next, ready: ready.promise, isAwaited: false }
      this.#keepRunning(binaries, await startMember(this.#installation, next, { binaries, template }))
    }
    catch (error) {
      this.#ports.release(name)
      await discardPlace(this.#installation, root)
      throw error
    }
    finally {
      this.#started = undefined
      this.#next = undefined
      ready.resolve()
    }
  }

  #keepRunning(binaries: Binaries, member: RunningMember): void {
    this.#runningOf(binaries).push(member)
    // One that ends by itself is none any more.
    void member.session.ended.then(() => this.#forget(binaries, member))
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

  /** While somebody waits. */
  async #makeNow(binaries: Binaries): Promise<string> {
    const template = await this.template(binaries)
    return await runErrands(this.#installation.account, async errands =>
      await this.#write(await this.#copyOf(template, binaries, errands), binaries, errands))
  }

  /** Done when the next copy may begin. */
  async #makeAhead(binaries: Binaries): Promise<void> {
    const copying = this.#copyAhead(await this.template(binaries), binaries)
    // A copy cleans up after itself.
    this.#copy = copying.catch(() => undefined)
    await copying
  }

  async #copyAhead(template: Template, binaries: Binaries): Promise<void> {
    const root = await this.#copyOf(template, binaries, this.#copies)
    await this.#writing
    this.#written = templateName(binaries)
    this.#writing = this.#write(root, binaries, this.#writes)
      .then(whole => this.#stockOf(templateName(binaries)).add(whole), (error: unknown) => this.#giveUp(binaries, error))
      .finally(() => {
        this.#written = undefined
        this.#fill()
      })
  }

  async #copyOf(template: Template, binaries: Binaries, errands: Errands): Promise<string> {
    const root = await beginPlace(this.#installation)
    return await this.#orDiscard(root, async () => {
      const { data } = databasePaths(root)
      await copyDataFolder(`${template.data}/.`, data, errands)
      await renewSystemIdentifier(data)
      await markMember(databasePaths(root), templateName(binaries))
      return root
    })
  }

  /** Safe on disk, it is a member. */
  async #write(root: string, binaries: Binaries, errands: Errands): Promise<string> {
    return await this.#orDiscard(root, async () => {
      await syncDataFolder(binaries, databasePaths(root).data, errands)
      return await finishPlace(root)
    })
  }

  async #orDiscard(root: string, work: () => Promise<string>): Promise<string> {
    try {
      return await work()
    }
    catch (error) {
      await discardPlace(this.#installation, root)
      throw error
    }
  }
}
