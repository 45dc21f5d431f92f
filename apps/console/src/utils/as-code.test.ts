import { expect, it } from 'vitest'
import { asCode } from './as-code.ts'

const body = { name: 'orders', storageGib: 20, labels: { team: 'it\'s' }, extensions: ['pg_trgm'] }

it('a shell reads the texts that were meant', () => {
  const { CLI, curl } = asCode(body, 'http://127.0.0.1:8080')
  expect(CLI).toContain(String.raw`--label 'team=it'\''s'`)
  expect(curl).toContain(String.raw`"team":"it'\''s"`)
})

it('Go sends the same body to the same address', () => {
  const { Go } = asCode(body, 'http://127.0.0.1:8080')
  expect(Go).toContain(`strings.NewReader(\`${JSON.stringify(body)}\`)`)
  expect(Go).toContain('http.NewRequest("POST", "http://127.0.0.1:8080/api/databases", body)')
})

it('what would end a raw string of Go is quoted instead', () => {
  const { Go } = asCode({ name: 'orders', labels: { team: '`+os.Exit(1)+`' } }, 'http://127.0.0.1:8080')
  expect(Go).toContain(`${String.raw`strings.NewReader("{\"name\":\"orders\",\"labels\":{\"team\":\"`}\`+os.Exit(1)+\``)
})

it('TypeScript has only what was asked for', () => {
  expect(asCode({ name: 'orders' }, '').TypeScript).toContain('create({\n  name: \'orders\',\n})')
})
