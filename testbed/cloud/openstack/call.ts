/**
 * One request to an API of the cloud, as an account: `call.ts ACCOUNT METHOD SERVICE PATH` with the body on standard input.
 * Runs on the cloud's network; whoever is outside of it calls it through ../api.ts.
 */
import type { Account } from '../layout.ts'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { Cloud } from '../../../infra/openstack/validate/cloud.ts'
import { openrc } from '../account.ts'

const [account = '', method = '', service = '', path = ''] = process.argv.slice(2)
const cloud = await Cloud.signIn(await openrc(account as Account)) // an unknown one is refused there
const body = await text(process.stdin)
const answer = await cloud.call(service, method, path.replace('{project}', cloud.projectId), body === '' ? undefined : JSON.parse(body) as unknown)
console.log(JSON.stringify(answer ?? null))
