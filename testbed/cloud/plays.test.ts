import { expect, it } from 'vitest'
import { playTimes } from './plays.ts'

it('says of each play how long it took, the last one included', () => {
  expect(playTimes(`
2026-11-26 00:31:12,250 p=41 u=root n=ansible INFO| PLAY [Wait for the nodes] ******
2026-11-26 00:31:12,300 p=41 u=root n=ansible INFO| TASK [Wait until ssh answers] **
2026-11-26 00:31:20,750 p=41 u=root n=ansible INFO| PLAY [Make certificates] *******
2026-11-26 00:32:21,000 p=41 u=root n=ansible INFO| PLAY RECAP *********************
2026-11-26 00:32:21,010 p=41 u=root n=ansible INFO| worker-1 : ok=3 changed=1
`)).toEqual([{ name: 'Wait for the nodes', seconds: 8.5 }, { name: 'Make certificates', seconds: 60.25 }])
})
