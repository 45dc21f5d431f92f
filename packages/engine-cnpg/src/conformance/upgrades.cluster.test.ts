import { describeEngine } from '@howdah/engine/conformance'
import { conformanceHarness } from '../testing/conformance-harness.ts'

describeEngine('the CloudNativePG engine', conformanceHarness, ['upgrades'])
