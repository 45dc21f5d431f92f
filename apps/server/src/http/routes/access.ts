import type { Route } from '../route.ts'
import login from './auth/login.ts'
import refresh from './auth/refresh.ts'

/** Who may do what, and the system itself. */
export const accessRoutes: readonly Route[] = [login, refresh]
