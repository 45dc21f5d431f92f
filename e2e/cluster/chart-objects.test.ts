/** The chart as the API sees it: deploy/helm/golden is what Helm makes of it, and here a cluster with every definition takes that. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { root } from '../../tools/root.ts'
import { kubectl, temporaryNamespace } from './kubectl.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let namespace: Awaited<ReturnType<typeof temporaryNamespace>>
beforeAll(async () => {
  folder = await temporaryFolder()
  namespace = await temporaryNamespace()
})
afterAll(async () => {
  await namespace.remove()
  await folder.remove()
})

it.runIf(inject('cluster').isOurs).each(['least', 'all', 'own-secrets'])('with %s it is taken whole, and every field is known', async (name) => {
  // Secrets are made anew each time, and are left out of what is reviewed.
  const text = (await readFile(join(root, `deploy/helm/golden/${name}.yaml`), 'utf8')).replaceAll(': …', ': c2VjcmV0')
  const path = join(folder.path, `${name}.yaml`)
  await writeFile(path, text)
  const kinds = text.match(/^kind: .*$/gm) ?? []
  expect(kinds.length).toBeGreaterThan(4)
  // Names that are there already are no matter: nothing is made.
  const answer = await kubectl('--namespace', namespace.name, 'apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict', '--filename', path)
  expect(answer.trim().split('\n').filter(line => line.endsWith('serverside-applied (server dry run)'))).toHaveLength(kinds.length)
})
