import { describe, expect, it } from 'vitest'
import { matchesVerifier, scramVerifier } from './scram.ts'

describe('SCRAM verifiers', () => {
  it('are those of PostgreSQL', async () => {
    // The example of RFC 7677, which PostgreSQL stores in this form.
    const made = 'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU='
    expect(await matchesVerifier('pencil', made)).toBe(true)
    expect(await matchesVerifier('pencils', made)).toBe(false)
  })

  it('match their own password only, and never repeat', async () => {
    for (const password of ['x', 'pässwörd', '\u00A0spaces\u3000', 'ﬁ ligature', '🐘', 'soft\u00ADhyphen']) {
      const [a, b] = [await scramVerifier(password), await scramVerifier(password)]
      expect(a).not.toBe(b)
      expect(await matchesVerifier(password, a)).toBe(true)
      expect(await matchesVerifier(`${password}!`, a)).toBe(false)
    }
  })

  it('of forms that Unicode calls the same are the same', async () => {
    expect(await matchesVerifier('a b', await scramVerifier('a\u00A0b'))).toBe(true)
    expect(await matchesVerifier('Ⅸ', await scramVerifier('IX'))).toBe(true)
    expect(await matchesVerifier('I\u00ADX', await scramVerifier('IX'))).toBe(true)
  })

  it('do not match what is none', async () => {
    for (const text of ['', 'md5abc', 'SCRAM-SHA-256$', 'SCRAM-SHA-256$1:$:'])
      expect(await matchesVerifier('x', text)).toBe(false)
  })
})
