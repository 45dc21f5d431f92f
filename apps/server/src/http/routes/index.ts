import type { Route } from '../route.ts'

/** Every endpoint of the contract has its file under routes/; a test holds the two to each other. */
export const routes: readonly Route[] = []
