import type { Route } from '../route.ts'
import { capabilities } from './system/capabilities.ts'
import { docs } from './system/docs.ts'
import { health } from './system/health.ts'
import { metrics } from './system/metrics.ts'
import { openapi } from './system/openapi.ts'
import { ready } from './system/ready.ts'

/** The process itself, and what can be known without knowing a database. */
export const systemRoutes: readonly Route[] = [health, ready, metrics, openapi, docs, capabilities]
