import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { until } from '@howdah/testkit'
import { expect, it } from 'vitest'
import { treeOf, usageOf, usageOfTrees } from './process-tree.ts'

it('the time of a process that has ended stays in that of its tree', async () => {
  // The part in parentheses is a process of its own, which ends; `read` waits for us.
  const shell = spawn('sh', ['-c', '(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done); read line'], { stdio: ['pipe', 'ignore', 'ignore'] })
  const pid = shell.pid!
  try {
    await until(async () => (await treeOf(pid)).length === 2, { deadlineMs: 10_000, everyMs: 1, what: 'the child runs' })
    const before = await usageOfTrees([pid])
    await until(async () => (await treeOf(pid)).length === 1, { deadlineMs: 30_000, everyMs: 5, what: 'the child has ended' })
    const after = await usageOfTrees([pid])
    expect(after.cpuMs).toBeGreaterThan(before.cpuMs)
    expect(after.cpuMs).toBeGreaterThan((await usageOf([pid])).cpuMs)
  }
  finally {
    shell.stdin.end()
    await once(shell, 'exit')
  }
  await expect(usageOfTrees([pid])).rejects.toThrow('has ended')
})
