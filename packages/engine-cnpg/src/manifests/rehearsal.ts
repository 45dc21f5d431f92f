import type { Location } from '../location.ts'
import type { RehearsalRecord } from '../upgrade/rehearsal-record.ts'
import type { ClusterManifest } from './cluster.ts'
import type { TrialPlan } from './trial.ts'
import { rehearsalAnnotation, rehearsalLabel } from '../names.ts'
import { trialText } from '../trial-record.ts'
import { trialManifest } from './trial.ts'

export interface RehearsalPlan extends Omit<TrialPlan, 'name' | 'label' | 'annotation'> {
  readonly record: RehearsalRecord
}

/** A copy as large as the database, with all that its user has set: it is to start with that in the new major too. */
export function rehearsalManifest({ record, ...trial }: RehearsalPlan, location: Location, image: string): ClusterManifest {
  return trialManifest({
    ...trial,
    name: `rehearsal-${record.id.slice(-12)}`,
    label: rehearsalLabel,
    annotation: { name: rehearsalAnnotation, text: trialText(record) },
  }, location, image)
}
