import type { Bench } from './lib/bench.ts'
import { build } from '../testbed/cluster/build/build.ts'
import { controlPlane } from '../testbed/cluster/control-plane.ts'
import { down } from '../testbed/cluster/down.ts'
import { pidOf } from '../testbed/cluster/machine.ts'
import { memoryOfAll } from '../testbed/cluster/status.ts'
import { up } from '../testbed/cluster/up.ts'
import { figure } from './lib/figure.ts'

const mostSeconds = 60
/** 6 GiB, in MB. */
const mostMemory = 6 * 2 ** 30 / 1e6

export const bed: Bench = {
  name: 'bed',
  title: 'The test cluster',
  async run(context) {
    if (await pidOf(controlPlane))
      throw new Error('The test cluster is up, and its start is what is measured. Take it down first: npm run cluster -- down')
    context.say('building what is not built yet')
    await build()
    context.afterwards(down)
    const seconds: number[] = []
    const memory: number[] = []
    const byMachine: unknown[] = []
    for (let round = 0; round < (context.isQuick ? 1 : 3); round++) {
      await down()
      const begun = performance.now()
      await up()
      seconds.push((performance.now() - begun) / 1000)
      const machines = await memoryOfAll()
      memory.push(machines.reduce((sum, { memory: mebibytes = 0 }) => sum + mebibytes * 2 ** 20 / 1e6, 0))
      byMachine.push(machines)
      context.say(`${round + 1}: ${seconds.at(-1)?.toFixed(1)} s, ${memory.at(-1)?.toFixed(0)} MB`)
    }
    context.note('all of it is built before; a start ends when three nodes, names, volumes, the operator and the backup plugin, two of each, are ready')
    context.note('memory is that of every process of the bed just then (PSS), before there are databases')
    return {
      figures: [
        figure('start of the test cluster until all of it is ready', 's', seconds, { target: { of: 'max', is: 'at most', value: mostSeconds } }),
        figure('memory of all its processes', 'MB', memory, { target: { of: 'max', is: 'at most', value: mostMemory } }),
      ],
      details: { byMachine },
    }
  },
}
