import type { Upgrade } from '@howdah/sdk'
import type { Colour } from '../output/paint.ts'
import type { View } from '../output/view.ts'
import { elapsed, time } from '../output/format.ts'
import { detailView } from '../output/view.ts'

export function upgradeDetails(upgrade: Upgrade): View {
  return detailView(upgrade, () => [
    ['PostgreSQL', upgrade.serverVersion ?? String(upgrade.version)],
    ['Can become', upgrade.available.length === 0 ? 'nothing newer here' : upgrade.available.map(({ version }) => version).join(', ')],
    ...reportDetails(upgrade),
  ])
}

function reportDetails({ rehearsal }: Upgrade): (readonly [string, string, Colour?])[] {
  if (rehearsal === null)
    return [['Rehearsed', 'no. Try it on a copy: howdah db upgrade NAME --to VERSION --rehearse', 'yellow']]
  const isGood = rehearsal.outcome === 'passed'
  return [
    ['Rehearsed', `${isGood ? '' : 'FAILED '}${time(rehearsal.at)}, ${rehearsal.from} to ${rehearsal.to}`, isGood ? 'green' : 'red'],
    ['Away for', rehearsal.interruptionMs === null ? '' : elapsed(rehearsal.interruptionMs)],
    ...rehearsal.checks.map(({ detail, name, outcome }): readonly [string, string, Colour?] => [`Check ${name}`, detail, outcome === 'passed' ? 'green' : 'red']),
    ['What to do', rehearsal.message, 'red'],
    ['Extensions', rehearsal.extensions.map(({ from, name, to }) => from === to ? `${name} ${to}` : `${name} ${from} to ${to}`).join(', ')],
    ['Planner', rehearsal.planner.map(({ from, name, to }) => from === null ? `${name} ${to} (new)` : to === null ? `${name} (gone)` : `${name} ${from} to ${to}`).join(', ')],
  ]
}
