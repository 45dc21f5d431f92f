import type { Progress, UpgradeReport } from '@howdah/engine'

/** A report as `JSON.stringify` wrote it. */
export function parseReport(text: string): UpgradeReport {
  const report = JSON.parse(text) as Omit<UpgradeReport, 'at'> & { readonly at: string } // our own writing
  return { ...report, at: new Date(report.at) }
}

/** How the rehearsal ended that left it. */
export function rehearsalVerdict({ isGood, message }: UpgradeReport): Progress {
  return isGood
    ? { outcome: 'done' }
    : { outcome: 'failed', step: 'transfer', reason: 'UpgradeImpossible', message, nextStep: 'Put right what the report says, and rehearse again. The database was not touched.' }
}
