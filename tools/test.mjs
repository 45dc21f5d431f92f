/** `npm test`: install what is missing, development packages included, then run the lanes. */
import { bootstrap } from './bootstrap/bootstrap.mjs'

bootstrap({ entry: 'tools/lanes/main.ts', withTests: true })
