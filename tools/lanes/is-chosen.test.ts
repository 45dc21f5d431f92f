import { describe, expect, it } from 'vitest'
import { isChosen } from './is-chosen.ts'

const long = { onlyWhenChanged: ['infra/', 'testbed/cloud/'] }

describe('a lane that nobody named', () => {
  it('runs everywhere when it says nothing else', () => {
    expect(isChosen({}, { isCi: false, changed: [] })).toBe(true)
    expect(isChosen({}, { isCi: true, changed: undefined })).toBe(true)
  })

  it('runs in CI when one of its folders changed, and only then', () => {
    expect(isChosen(long, { isCi: true, changed: ['README.md', 'testbed/cloud/up.ts'] })).toBe(true)
    expect(isChosen(long, { isCi: true, changed: ['docs/infra/a.md', 'infrastructure.md', 'testbed/cluster/up.ts'] })).toBe(false)
    expect(isChosen(long, { isCi: true, changed: [] })).toBe(false)
  })

  it('does not run for documentation, or in a copy without history', () => {
    expect(isChosen(long, { isCi: true, changed: ['infra/kubernetes/README.md'] })).toBe(false)
    expect(isChosen(long, { isCi: true, changed: undefined })).toBe(false)
  })

  it('does not run outside of CI, where somebody waits', () => {
    expect(isChosen(long, { isCi: false, changed: ['infra/infra.test.ts'] })).toBe(false)
    expect(isChosen(long, { isCi: false, changed: undefined })).toBe(false)
  })

  it('never runs when it is by name only, whatever changed', () => {
    expect(isChosen({ ...long, isByNameOnly: true }, { isCi: true, changed: ['infra/infra.test.ts'] })).toBe(false)
    expect(isChosen({ isByNameOnly: true }, { isCi: true, changed: undefined })).toBe(false)
  })
})
