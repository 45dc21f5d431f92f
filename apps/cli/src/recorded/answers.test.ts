import { readFile } from 'node:fs/promises'
import formats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'
import answers from './answers.json' with { type: 'json' }

interface Document { readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>> }>>>> }

it('the recorded answers are what the contract describes today', async () => {
  const document = JSON.parse(await readFile(new URL('../../../../packages/contract/openapi.json', import.meta.url), 'utf8')) as Document
  const ajv = formats.default(new Ajv2020({ strict: false, allErrors: true })).addSchema(document, 'openapi')
  const wrong: unknown[] = []
  for (const [key, { status, json }] of Object.entries(answers)) {
    const [method = '', path = ''] = key.replace('?dryRun', '').split(' ')
    const template = Object.keys(document.paths).find(candidate => new RegExp(`^${candidate.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)) ?? ''
    const [type = ''] = Object.keys(document.paths[template]?.[method.toLowerCase()]?.responses[status]?.content ?? {})
    const pointer = ['paths', template, method.toLowerCase(), 'responses', String(status), 'content', type, 'schema'].map(word => encodeURIComponent(word.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')
    if (!ajv.validate({ $ref: `openapi#/${pointer}` }, json))
      wrong.push([key, ajv.errors])
  }
  expect(wrong).toEqual([])
  expect(Object.keys(answers).length).toBeGreaterThan(30)
})
