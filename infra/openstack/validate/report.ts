import type { Finding } from './finding.ts'
import { styleText } from 'node:util'

const signs = { passed: styleText('green', '✔'), failed: styleText('red', '✘'), skipped: styleText('yellow', '–') }

/** One line per finding; below a failure, where to look and what to do. */
export function table(findings: readonly Finding[]): string {
  const width = (key: 'check' | 'service') => Math.max(...findings.map(finding => finding[key].length))
  const [checks, services] = [width('check'), width('service')]
  return findings.flatMap(finding => [
    `${signs[finding.outcome]} ${finding.check.padEnd(checks)}  ${finding.service.padEnd(services)}  ${finding.detail}`,
    ...(finding.outcome === 'failed' ? [`${' '.repeat(checks + services + 6)}log:  ${finding.log}`, `${' '.repeat(checks + services + 6)}next: ${finding.next}`] : []),
  ]).join('\n')
}

/** For machines: the same findings, and their sum. */
export function report(findings: readonly Finding[], seconds: number) {
  const count = (outcome: Finding['outcome']) => findings.filter(finding => finding.outcome === outcome).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped'), seconds: Math.round(seconds), findings }
}
