import type { Route } from '../route.ts'
import { accessRoutes } from './access.ts'
import { databaseRoutes } from './databases.ts'
import { systemRoutes } from './system.ts'

/** Every endpoint of the contract has its file under routes/; a test holds the two to each other. */
export const routes: readonly Route[] = [
  ...accessRoutes,
  ...databaseRoutes,
  ...systemRoutes,
]
