import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

/** What a process writes to its standard output that runs these lines with a `log`. */
async function outputOf(lines: string): Promise<string> {
  const module = new URL('log.ts', import.meta.url).href
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', `import { createLog } from '${module}'; const log = createLog('info', 'json'); ${lines}`])
  return stdout
}

it('every line is written before the process ends, in order, also when it ends at once', async () => {
  const written = await outputOf('for (let n = 0; n < 5000; n++) log.info({ n }, "line"); process.exit(0)')
  expect(written.trimEnd().split('\n').map(line => (JSON.parse(line) as { n: number }).n)).toEqual([...Array.from({ length: 5000 }).keys()])
})

it('an error is logged with its causes and without the secrets in its fields', async () => {
  const written = await outputOf('log.error({ err: Object.assign(new Error("outer", { cause: new Error("inner") }), { password: "hunter2" }) }, "failed")')
  expect(written).toContain('outer')
  expect(written).toContain('inner')
  expect(written).not.toContain('hunter2')
})
