/** `npm start`: install what is missing, then become the server. */
import { bootstrap } from './bootstrap/bootstrap.mjs'

bootstrap({ entry: 'apps/server/src/main.ts', withTests: false })
