import type { Metrics } from '../telemetry/metrics.ts'
import type { Domain } from './domain.ts'
import type { LocationState } from './locations.ts'
import type { Check } from './readiness.ts'
import { createLocations } from './locations.ts'
import { createReadiness } from './readiness.ts'
import { createScrape } from './scrape.ts'

/** What the process can say about itself and about what it stands on. Made once, in compose.ts. */
export interface SystemState {
  readonly checks: () => Promise<readonly Check[]>
  readonly scrape: () => Promise<{ text: string, type: string }>
  readonly locations: () => Promise<readonly LocationState[]>
}

export function createSystemState(domain: Domain, metrics: Metrics): SystemState {
  return {
    checks: createReadiness(domain),
    scrape: createScrape(domain, metrics),
    locations: createLocations(domain),
  }
}
