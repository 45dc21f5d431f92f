/** `npm run cloud -- COMMAND…`: a real OpenStack on this machine, and Howdah's infrastructure on it. See README.md. */
import process from 'node:process'
import { Missing } from '../../tools/needs/missing.ts'
import { openrc } from './account.ts'
import { apply } from './apply.ts'
import { build } from './build/build.ts'
import { destroy } from './destroy.ts'
import { down } from './down.ts'
import { kubectl, kubernetes } from './kubernetes.ts'
import { logs } from './logs.ts'
import { onNetwork } from './machine.ts'
import { refuseWhereImpossible } from './possible.ts'
import { postgresql } from './postgresql.ts'
import { status } from './status.ts'
import { Steps } from './steps.ts'
import { openstack, up } from './up.ts'
import { serviceLogs, validate } from './validate.ts'

interface Command {
  readonly what: string
  /** Takes the rest of the line; others can be named one after the other. */
  readonly takes?: string
  readonly run: (steps: Steps, words: readonly string[]) => Promise<unknown>
}

const commands: Readonly<Record<string, Command>> = {
  up: { what: 'build what is missing and start a cloud', run: up },
  postgresql: { what: 'put a database\'s images on nodes made from now on', run: postgresql },
  validate: {
    what: 'infra/openstack/validate, healthy or not',
    takes: '[OPTION …]',
    run: async (_, words) => {
      process.exitCode = await validate('--logs', await serviceLogs(), ...words)
    },
  },
  apply: { what: 'infra/openstack/terraform: nodes', run: async steps => await apply(steps) },
  kubernetes: { what: 'infra/kubernetes: a cluster on them', run: kubernetes },
  destroy: { what: 'the nodes away again', run: destroy },
  down: { what: 'end it; what was built stays', run: down },
  status: { what: 'what is up, and what it takes', run: async () => console.log(await status()) },
  logs: { what: 'list the logs, or follow one', takes: '[NAME]', run: async (_, [name]) => await logs(name) },
  run: {
    what: 'a program of this machine on its network',
    takes: 'PROGRAM …',
    run: async (_, words) => {
      process.exitCode = await onNetwork(words, { env: await openrc('demo') })
    },
  },
  openstack: { what: 'the command, as administrator', takes: '…', run: async (_, words) => process.stdout.write(await openstack(...words)) },
  kubectl: { what: 'the command, on the cluster', takes: '…', run: async (_, words) => process.stdout.write(await kubectl(...words)) },
  build: {
    what: 'only build what is missing',
    run: async (steps) => {
      await refuseWhereImpossible()
      await build(steps)
    },
  },
}

const words = process.argv.slice(2)
try {
  await runAll(words)
}
catch (error) {
  // What is missing is for a person to mend, anything else for somebody who reads the stack.
  console.error(error instanceof Missing ? error.message : error)
  process.exitCode = 1
}

async function runAll(words: readonly string[]): Promise<void> {
  const last = words.findIndex(word => commands[word]?.takes)
  const names = last < 0 ? words : words.slice(0, last + 1)
  if (names.length === 0 || names.some(name => !commands[name])) {
    const lines = Object.entries(commands).map(([name, { what, takes = '' }]) => `  ${`${name} ${takes}`.padEnd(22)}${what}`)
    console.error(`npm run cloud -- COMMAND [COMMAND …]\n\n${lines.join('\n')}`)
    process.exitCode = 2
    return
  }
  const steps = new Steps()
  for (const name of names)
    await commands[name]!.run(steps, words.slice(names.length))
  if (last < 0)
    console.log(`${names.join(', ')}: ${steps.total()}`)
}
