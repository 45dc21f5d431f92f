import type { Page } from '@playwright/test'
import type { Bench } from './lib/bench.ts'
import type { BenchBrowser } from './lib/browser.ts'
import type { BenchServer } from './lib/server.ts'
import { openBrowser } from './lib/browser.ts'
import { figure } from './lib/figure.ts'
import { fillDatabases } from './lib/fill.ts'
import { startServer } from './lib/server.ts'
import { storeOf } from './lib/store.ts'

interface Interaction {
  readonly what: string
  readonly ms: number
}

const databases = 1000
const firstRow = 'table tbody tr'

// What runs in the page is text: the repository is compiled without a browser's types.
const largestPaint = `new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntries().at(-1).startTime)).observe({ type: 'largest-contentful-paint', buffered: true }))`
/** 16 ms is the least that a browser reports; what is faster counts as that. */
const watchInteractions = `(() => {
  window.interactions = new Map()
  new PerformanceObserver((list) => {
    for (const { interactionId, duration, name, target } of list.getEntries()) {
      const ms = Math.max(duration, 16)
      if (interactionId && ms > (window.interactions.get(interactionId)?.ms ?? 0))
        window.interactions.set(interactionId, { ms, what: [name, target?.ariaLabel ?? target?.textContent?.trim().slice(0, 40) ?? 'what is gone'].join(': ') })
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: true })
})()`
const twoFrames = 'new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))'
const seenInteractions = '[...window.interactions.values()]'
/** When a text appears, by the clock that both processes have. */
function whenSeen(text: string): string {
  return `(() => {
    window.seen = new Promise((resolve) => {
      const look = () => document.body.textContent.includes(${JSON.stringify(text)}) && resolve(performance.timeOrigin + performance.now())
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
    })
  })()`
}

export const webConsole: Bench = {
  name: 'console',
  title: 'The console in Chromium',
  async run(context) {
    const rounds = context.isQuick ? 2 : 10
    const changes = context.isQuick ? 10 : 200
    const browserFor = await openBrowser(context)
    const server = await startServer(context)
    await server.api('POST', '/api/databases', { name: 'a-real-one' })
    await fillDatabases(await storeOf(context, server), databases - 1)
    const browser = browserFor(server)

    const sizes: number[] = []
    const paints: number[] = []
    for (let round = 0; round < rounds; round++) {
      const { kilobytes, paintMs } = await load(browser)
      sizes.push(kilobytes)
      paints.push(paintMs)
    }
    context.say('loaded')
    const interactions: Interaction[] = []
    for (let round = 0; round < rounds; round++)
      interactions.push(...await interact(browser))
    const slowest = interactions.toSorted((a, b) => b.ms - a.ms)[0]
    if (slowest)
      context.note(`The slowest interaction was ${slowest.what}.`)
    context.say('interacted')
    const seen = await watchChanges(browser, server, changes)
    return {
      figures: [
        figure('first load: JavaScript and CSS, brotli', 'kB', sizes, { target: { of: 'max', is: 'at most', value: 200 } }),
        figure(`largest contentful paint, ${databases} databases, nothing cached`, 'ms', paints, { target: { of: 'p50', is: 'at most', value: 1200 } }),
        figure('interaction → next paint', 'ms', interactions.map(({ ms }) => ms), { target: { of: 'max', is: 'at most', value: 100 } }),
        figure('change is asked of the API → in the page of another person', 'ms', seen, { target: { of: 'p99', is: 'at most', value: 150 } }),
      ],
      details: { sizes, paints, interactions, seen },
    }
  },
}

async function load(browser: BenchBrowser): Promise<{ kilobytes: number, paintMs: number }> {
  const page = await browser.page('/databases')
  await page.locator(firstRow).first().waitFor()
  const paintMs = await page.evaluate<number>(largestPaint)
  const kilobytes = await page.evaluate<number>('performance.getEntriesByType("resource").filter(({ name }) => /\\.(?:js|css)$/.test(name)).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) / 1000')
  await page.context().close()
  return { kilobytes, paintMs }
}

/** What a person does all day. */
async function interact(browser: BenchBrowser): Promise<Interaction[]> {
  const page = await browser.page('/databases')
  await page.locator(firstRow).first().waitFor()
  await page.evaluate(watchInteractions)
  await page.getByRole('checkbox', { name: 'Select all' }).click()
  await page.getByRole('checkbox', { name: 'Select all' }).click()
  await page.getByRole('button', { name: 'Show more' }).click()
  await page.locator(firstRow).nth(50).waitFor()
  await page.getByRole('searchbox', { name: 'Name contains' }).pressSequentially('a-real')
  await page.locator(firstRow).nth(1).waitFor({ state: 'detached' })
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Database, page or action' }).pressSequentially('orders')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'a-real-one' }).click()
  for (const tab of ['Parameters', 'Extensions', 'Backups', 'Branches', 'Logs', 'Events', 'Audit', 'Settings', 'Overview'])
    await openTab(page, tab)
  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await page.keyboard.press('Escape')
  await page.evaluate(twoFrames)
  const seen = await page.evaluate<Interaction[]>(seenInteractions)
  await page.context().close()
  return seen
}

async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages of a-real-one' }).getByRole('link', { name }).click()
  await page.evaluate(twoFrames)
}

/** From before the request is sent: the time that the server takes for it is in the figure. */
async function watchChanges(browser: BenchBrowser, server: BenchServer, count: number): Promise<number[]> {
  const page = await browser.page('/databases?q=a-real-one')
  await page.locator(firstRow).first().waitFor()
  const samples: number[] = []
  for (let change = 0; change < count; change++) {
    const value = `change-${change}-end`
    await page.evaluate(whenSeen(value))
    const begun = performance.timeOrigin + performance.now()
    await server.api('PATCH', '/api/databases/a-real-one', { labels: { value } })
    samples.push(await page.evaluate<number>('window.seen') - begun)
  }
  await page.context().close()
  return samples
}
