import { expectGolden } from '@howdah/testkit'
import { expect, it } from 'vitest'
import { commands } from './commands/index.ts'
import { runHowdah, transcript } from './testing/run-howdah.ts'

async function help(...words: string[]): Promise<string> {
  return transcript([...words, '--help'], await runHowdah([...words, '--help']))
}

it('the first help names every command and every exit code', async () => {
  await expectGolden(import.meta.url, 'help/howdah.txt', await help())
})

it.each(Object.entries(commands))('help of %s and of all its verbs', async (noun, entry) => {
  const pages = [await help(noun)]
  for (const verb of 'verbs' in entry ? Object.keys(entry.verbs) : [])
    pages.push(await help(noun, verb))
  await expectGolden(import.meta.url, `help/${noun}.txt`, pages.join('\n'))
})

it('help can be asked for in every way that people try', async () => {
  const asked = await runHowdah(['db', 'create', '--help'])
  expect((await runHowdah(['help', 'db', 'create'])).out).toBe(asked.out)
  expect((await runHowdah(['db', 'create', '-h'])).out).toBe(asked.out)
  expect((await runHowdah(['db'])).out).toBe((await runHowdah(['help', 'db'])).out)
  expect(asked.code).toBe(0)
})

it('every verb has an example', () => {
  const verbs = Object.entries(commands).flatMap(([noun, entry]) => 'verbs' in entry ? Object.entries(entry.verbs).map(([verb, command]) => [`${noun} ${verb}`, command] as const) : [[noun, entry] as const])
  const without = verbs.filter(([name, { examples, isHidden }]) => !isHidden && name !== 'version' && !examples?.every(example => example.includes(`howdah ${name}`)))
  expect(without.map(([name]) => name)).toEqual([])
})
