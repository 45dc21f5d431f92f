/** `npm run cluster -- COMMAND`: a real Kubernetes with CloudNativePG on this machine, made from packages. See README.md. */
import process from 'node:process'
import { Missing } from '../../tools/needs/missing.ts'
import { build } from './build/build.ts'
import { down } from './down.ts'
import { cut, heal, switchOff, switchOn } from './faults.ts'
import { followLog, logNames } from './logs.ts'
import { refuseWhereImpossible } from './possible.ts'
import { status } from './status.ts'
import { up } from './up.ts'

const commands: Readonly<Record<string, { readonly what: string, readonly takes?: string, readonly run: (argument: string) => Promise<unknown> }>> = {
  up: {
    what: 'build what is missing and start what is not up',
    run: async () => console.log(`KUBECONFIG=${await up()}`),
  },
  down: { what: 'end all of it; what was built stays', run: down },
  status: { what: 'what is up, and what it takes', run: async () => console.log(await status()) },
  logs: {
    what: 'list the logs, or follow one',
    takes: '[MACHINE/PROGRAM]',
    run: async name => name ? await followLog(name) : console.log((await logNames()).join('\n')),
  },
  cut: { what: 'pull a node\'s network cable', takes: 'NODE', run: cut },
  heal: { what: 'put it back', takes: 'NODE', run: heal },
  off: { what: 'take a node\'s power', takes: 'NODE', run: switchOff },
  on: { what: 'give it back', takes: 'NODE', run: switchOn },
  build: {
    what: 'only build what is missing',
    run: async () => {
      await refuseWhereImpossible()
      await build()
    },
  },
}

const [name = '', argument = ''] = process.argv.slice(2)
const chosen = commands[name]
if (!chosen || (chosen.takes && !chosen.takes.startsWith('[') && !argument)) {
  const lines = Object.entries(commands).map(([name, { what, takes = '' }]) => `  ${`${name} ${takes}`.padEnd(26)}${what}`)
  console.error(`npm run cluster -- COMMAND\n\n${lines.join('\n')}`)
  process.exit(2)
}
try {
  await chosen.run(argument)
}
catch (error) {
  // What is missing is for a person to mend, anything else for somebody who reads the stack.
  console.error(error instanceof Missing ? error.message : error)
  process.exitCode = 1
}
