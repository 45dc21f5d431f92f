import { expect, it } from 'vitest'
import { playTimes, slowestTasks } from './plays.ts'

const log = `
2026-11-26 00:31:12,250 p=41 u=root n=ansible INFO| PLAY [Wait for the nodes] ******
2026-11-26 00:31:12,300 p=41 u=root n=ansible INFO| TASK [Wait until ssh answers] **
2026-11-26 00:31:20,750 p=41 u=root n=ansible INFO| PLAY [Make certificates] *******
2026-11-26 00:31:21,000 p=41 u=root n=ansible INFO| TASK [certificates : Make it] **
2026-11-26 00:31:51,000 p=41 u=root n=ansible INFO| RUNNING HANDLER [etcd : Restart etcd] **
2026-11-26 00:32:21,000 p=41 u=root n=ansible INFO| PLAY RECAP *********************
2026-11-26 00:32:21,010 p=41 u=root n=ansible INFO| worker-1 : ok=3 changed=1
`

it('says of each play how long it took, the last one included', () => {
  expect(playTimes(log)).toMatchObject([{ name: 'Wait for the nodes', seconds: 8.5 }, { name: 'Make certificates', seconds: 60.25 }])
})

it('finds the tasks that took longest, handlers among them', () => {
  expect(slowestTasks(log, 2)).toEqual([{ name: 'certificates : Make it', seconds: 30 }, { name: 'etcd : Restart etcd', seconds: 30 }])
  expect(slowestTasks(log, 9).at(-1)).toEqual({ name: 'Wait until ssh answers', seconds: 8.45 })
})
