/** `npm start`: install what is missing, build the console where it changed, then become the server. */
import { bootstrap } from './bootstrap/bootstrap.mjs'

bootstrap({ entry: 'tools/serve.mjs', withTests: false })
