import type { Operation } from '@howdah/sdk'
import type { Paint } from './output/paint.ts'
import type { Terminal } from './terminal.ts'
import { elapsed, printable } from './output/format.ts'
import { painter } from './output/paint.ts'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const frameMs = 80
/** A line that the terminal breaks would be drawn over at the wrong place. */
const mostMessage = 70

type Step = Operation['steps'][number]

/** Shows an operation's steps and their times on standard error while it runs. */
export interface Progress {
  readonly show: (operation: Operation) => void
  readonly end: () => void
}

export function showProgress(terminal: Terminal): Progress {
  const paint = painter(terminal.hasColourErr)
  return terminal.isErrTerminal ? liveProgress(terminal, paint) : plainProgress(terminal, paint)
}

/** Each step once, when it has ended. */
function plainProgress(terminal: Terminal, paint: Paint): Progress {
  const told = new Set<string>()
  return {
    show: (operation) => {
      for (const step of operation.steps.filter(hasEnded)) {
        if (!told.has(step.name))
          terminal.err(`${stepLine(step, terminal.now(), paint, '')}\n`)
        told.add(step.name)
      }
      if (operation.finishedAt !== null)
        terminal.err(`${summary(operation, paint)}\n`)
    },
    end: () => {},
  }
}

/** All steps, drawn over themselves. */
function liveProgress(terminal: Terminal, paint: Paint): Progress {
  let latest: Operation | undefined
  let drawn = 0
  let frame = 0
  function draw(): void {
    if (!latest)
      return
    const lines = latest.steps.map(step => stepLine(step, terminal.now(), paint, frames[frame % frames.length] ?? ''))
    if (latest.message && latest.finishedAt === null)
      lines.push(paint('dim', `  ${printable(latest.message).replace(/\s+/g, ' ').slice(0, mostMessage)}`))
    if (latest.finishedAt !== null)
      lines.push(summary(latest, paint))
    terminal.err(`${drawn > 0 ? `\u001B[${drawn}A` : ''}\u001B[J${lines.join('\n')}\n`)
    drawn = lines.length
  }
  const timer = setInterval(() => {
    frame++
    draw()
  }, frameMs)
  return {
    show: (operation) => {
      latest = operation
      draw()
    },
    end: () => clearInterval(timer),
  }
}

function stepLine(step: Step, now: number, paint: Paint, frame: string): string {
  const marks = { pending: paint('dim', '·'), running: paint('blue', frame || '…'), done: paint('green', '✓'), failed: paint('red', '✗') }
  const time = step.startedAt === null
    ? ''
    : elapsed(Math.max(0, (step.finishedAt === null ? now : Date.parse(step.finishedAt)) - Date.parse(step.startedAt)))
  return `  ${marks[step.phase]} ${step.phase === 'pending' ? paint('dim', step.name) : step.name}${time && `  ${paint('dim', time)}`}`
}

function summary(operation: Operation, paint: Paint): string {
  const took = elapsed(Date.parse(operation.finishedAt ?? operation.createdAt) - Date.parse(operation.createdAt))
  const what = `${operation.type} of ${operation.target || operation.database}`
  return operation.phase === 'succeeded'
    ? `${paint('green', '✓')} ${what}: done in ${took}`
    : `${paint('red', '✗')} ${what}: ${operation.phase} after ${took}`
}

function hasEnded(step: Step): boolean {
  return step.phase === 'done' || step.phase === 'failed'
}
