/** What `npm start` becomes: the server, with the console that belongs to it. */
import { ensureConsole } from './console.mjs'

try {
  await ensureConsole()
}
catch (error) {
  // The API and the command work without it.
  console.error(`${error instanceof Error ? error.message : error}\nNext: run \`node tools/console.mjs\` to try again; the server starts without its console.`)
}
await import('../apps/server/src/main.ts')
