/**
 * The gateway of one database: `main.ts ROUTES-FILE CONTROL-SOCKET`. It runs as the servers' account and outlives the control
 * plane, which tells it who holds the role. It is copied beside the data (copied-program.ts) and may therefore import Node's
 * own modules and its neighbours only. It sees ciphertext: TLS is between client and server.
 */
import process from 'node:process'
import { hearOrders } from './control.ts'
import { Gateway } from './gateway.ts'
import { readRoutes } from './routes.ts'

const [routesFile = '', controlSocket = ''] = process.argv.slice(2)
// A terminal's Ctrl-C is for the control plane.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
const gateway = new Gateway(await readRoutes(routesFile))
await gateway.listen()
await hearOrders(gateway, controlSocket)
