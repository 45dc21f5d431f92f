import { endpoints, openapi } from '@howdah/contract'
import { expect, it } from 'vitest'
import { routes } from './index.ts'

it('every endpoint of the contract has exactly one route', () => {
  expect(routes.map(route => route.id).sort()).toEqual(Object.keys(endpoints).sort())
})

it('no two endpoints share a method and a path', () => {
  const all = Object.values(endpoints).map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`)
  expect(new Set(all).size).toBe(all.length)
})

it('every endpoint is in the OpenAPI document, by its id', () => {
  const { paths } = openapi('0') as { paths: Record<string, Record<string, { operationId: string }>> }
  const documented = Object.entries(paths).flatMap(([path, item]) => Object.entries(item).map(([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`))
  expect(documented.sort()).toEqual(Object.entries(endpoints).map(([id, { method, path }]) => `${id} ${method} ${path}`).sort())
})
