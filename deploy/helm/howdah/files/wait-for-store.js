// A first installation makes the store at the same time. Waiting here keeps the pods from failing, and from being held back for it.
const { connect } = require('node:net')

function attempt() {
  connect({ host: process.env.STORE_HOST, port: 5432 })
    .once('connect', () => process.exit(0))
    .once('error', () => setTimeout(attempt, 500))
}

attempt()
