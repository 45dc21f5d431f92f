import type { FileHandle } from 'node:fs/promises'
import type { Routes } from '../gateway/routes.ts'
import { ChildProcess } from 'node:child_process'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename, relative } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { GatewayLink } from '../replicas/gateway-link.ts'
import { StayingShell } from '../staying-shell.ts'

const changesFiles = ['appendFile', 'copyFile', 'cp', 'link', 'mkdir', 'rename', 'rm', 'symlink', 'truncate', 'utimes', 'writeFile'] as const
/** Functions of PostgreSQL that do something, although a query calls them. */
const changing = /\bpg_(?:backup|create|drop|promote|reload|switch|terminate|wal_replay)\w*/

type Any = (this: unknown, ...args: unknown[]) => unknown

/**
 * Tell everything that this process does to the world outside it, when it has been done: files made, moved and removed, processes
 * started and signalled, statements that change something. Each step of a control plane is one of these, or lies between two of
 * them: whoever is killed after each of its effects was killed after every step, also after one that was added since. Not seen is what
 * threads do, and what programs do that were started before. `root`: of the database that it is about.
 */
export function watchEffects(dataDir: string, root: string | undefined, seen: (effect: string) => void): void {
  const named = namesOf(dataDir, root)
  // A file that is half-written is nobody's until it has its name.
  const tell = (effect: string): void => effect.endsWith('.tmp') ? undefined : seen(effect)
  for (const name of changesFiles) {
    replace(fs, name, original => async function (...args) {
      const result = await original.apply(this, args)
      const [path, to] = args
      tell(`${name} ${named(path)}${name !== 'writeFile' && name !== 'appendFile' && typeof to === 'string' ? ` → ${named(to)}` : ''}`)
      return result
    })
  }
  replace(fs, 'open', original => async function (...args) {
    const file = await original.apply(this, args) as FileHandle
    const [path, flags = 'r'] = args
    if (flags !== 'r') {
      replace(file, 'close', close => async function () {
        await close.apply(file)
        tell(`write ${named(path)}`)
      })
    }
    return file
  })
  syncBuiltinESMExports()

  replace(process, 'kill', original => function (...args) {
    const result = original.apply(process, args)
    if (args[1] !== 0)
      seen(`signal ${String(args[1])}`)
    return result
  })
  replace(ChildProcess.prototype as unknown as Record<'spawn', Any>, 'spawn', original => function (...args) {
    const result = original.apply(this, args)
    seen(`start ${basename((args[0] as { file: string }).file)}`)
    return result
  })
  replace(StayingShell.prototype, 'tell', original => async function (...args) {
    const shell = await original.apply(this, args)
    const program = (args[0] as readonly string[]).find(word => /^(?:\/.*\/bin\/)?[a-z]+$/.test(word))
    seen(`run ${basename(program ?? '')}`)
    return shell
  })
  // It is told over a socket. By the address: there may be other databases.
  const led = new Map<number, Routes>()
  replace(GatewayLink.prototype as unknown as Record<'lead', Any>, 'lead', original => async function (...args) {
    await original.apply(this, args)
    const [routes] = args as [Routes]
    const before = led.get(routes.port)
    led.set(routes.port, routes)
    if (JSON.stringify(routes) !== JSON.stringify(before))
      seen(`lead clients to ${routes.primary === null ? 'nobody' : before?.primary === null ? 'the next one' : 'the primary'}`)
  })
  replace(pg.Client.prototype, 'query', original => function (...args) {
    const result = original.apply(this, args)
    const effect = effectOf(args[0])
    return effect !== undefined && result instanceof Promise
      ? result.then((rows: unknown) => {
          seen(effect)
          return rows
        })
      : result
  })
}

function replace<Name extends string>(on: Record<Name, unknown>, name: Name, wrap: (original: Any) => Any): void {
  Object.assign(on, { [name]: wrap(on[name] as Any) })
}

/** Paths without what is another one in each run. */
function namesOf(dataDir: string, root: string | undefined): (path: unknown) => string {
  return path => relative(dataDir, String(path))
    .replace(root === undefined ? /^$/ : `databases/${basename(root)}`, 'database')
    .replace(/^databases\/[0-9a-f-]{36}(?:\.[0-9a-f]+\.tmp)?/, 'place')
    .replace(/^trash\/.*/, 'trash')
    // Who has the role is another one in each round.
    .replaceAll(/instances\/\d+/g, 'instances/<n>')
    .replace(/^run\/[0-9a-f]+/, 'run')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/[0-9A-F]{24}(?:\.\w+\.backup)?|[0-9A-F]{8}(?=\.history)/g, '<wal>')
    .replace(/\.[0-9a-f]{8,12}\.tmp$/, '.tmp')
}

function effectOf(statement: unknown): string | undefined {
  const text = typeof statement === 'string' ? statement : (statement as { text?: unknown }).text
  if (typeof text !== 'string')
    return undefined
  const words = text.replaceAll(/^--.*$/gm, '').trim().toLowerCase().split(/\s+/, 2)
  return changing.exec(text)?.[0] ?? (words[0] === 'select' || words[0] === 'show' ? undefined : words.slice(0, 2).join(' '))
}
