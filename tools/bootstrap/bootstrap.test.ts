import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

/** `npm start` on a machine that is other than this one in one respect. Nothing is installed before it refuses. */
async function startWhere(pretence: string): Promise<{ code: number, stderr: string }> {
  return await new Promise((resolve) => {
    execFile(process.execPath, [
      '--import',
      `data:text/javascript,${encodeURIComponent(pretence)}`,
      fileURLToPath(new URL('../start.mjs', import.meta.url)),
    ], (error, _stdout, stderr) => {
      resolve({
        code: Number(error?.code ?? 0),
        stderr,
      })
    })
  })
}

it('a Node that is too old is told which one is needed', async () => {
  const { code, stderr } = await startWhere(`Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } })`)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^Howdah needs Node\.js 20 or newer.*18\.20\.8\.\nNext: install/)
})

it('windows is pointed to WSL', async () => {
  const { code, stderr } = await startWhere(`Object.defineProperty(process, 'platform', { value: 'win32' })`)
  expect(code).toBe(1)
  expect(stderr).toMatch(/Windows[\s\S]*Next: use WSL 2/)
})

it('a platform that nothing is built for is named', async () => {
  const { code, stderr } = await startWhere(`Object.defineProperty(process, 'arch', { value: 'riscv64' })`)
  expect(code).toBe(1)
  expect(stderr).toMatch(/does not run on \w+ riscv64[\s\S]*Next: use Linux or macOS/)
})

it('a Linux without glibc is refused before anything is downloaded', async () => {
  const { code, stderr } = await startWhere(`Object.defineProperty(process, 'platform', { value: 'linux' }); process.report.getReport = () => ({ header: {} })`)
  expect(code).toBe(1)
  expect(stderr).toMatch(/glibc[\s\S]*Next: use Debian/)
})
