import type { Page } from '@playwright/test'
import type { Focused } from './in-page.ts'
import { admin, expect, makeDatabase, test } from './fixtures.ts'
import { focused, longestMotion } from './in-page.ts'

/** Tab until something of this name has the focus; everything on the way shows that it has it. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = []
  for (let steps = 0; steps < 60; steps++) {
    await page.keyboard.press('Tab')
    const now = await page.evaluate<Focused>(focused)
    expect(now.isSeen, `the focus on "${now.name}" is seen`).toBe(true)
    if (name.test(now.name))
      return
    passed.push(now.name)
  }
  throw new Error(`Tab does not reach ${name}; it passed ${passed.join(' | ')}`)
}

test('by keyboard alone: sign in, find the way past the navigation, create, act, and get the focus back', async ({ page }) => {
  await page.goto('/databases/new')
  await page.getByLabel('E-mail').focus()
  await page.keyboard.type(admin.email)
  await page.keyboard.press('Tab')
  await page.keyboard.type(admin.password)
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused()
  await page.keyboard.type('by-keyboard')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'by-keyboard is ready' })
  await expect(dialog).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(page).toHaveURL(/\/by-keyboard$/)

  await page.reload()
  await expect(page.getByRole('heading', { name: 'by-keyboard' })).toBeVisible()
  await page.keyboard.press('Tab')
  expect(await page.evaluate<Focused>(focused)).toEqual({ name: 'Skip to the content', isSeen: true })
  await page.keyboard.press('Enter')
  await tabTo(page, /^Actions$/)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'Restart' })).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  const confirm = page.getByRole('dialog', { name: 'Hibernate: by-keyboard' })
  await expect(confirm).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(confirm).toBeHidden()
  await expect(page.getByRole('button', { name: 'Actions', exact: true })).toBeFocused()
  await tabTo(page, /^Settings$/)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/settings$/)
})

test('Tab reaches every control of the list, and the focus is always seen', async ({ page, open, server }) => {
  await makeDatabase(server, 'reached')
  await open('/databases')
  await expect(page.getByRole('link', { name: 'reached', exact: true })).toBeVisible()
  await tabTo(page, /^Find or do/)
  await tabTo(page, /^Audit$/)
  await tabTo(page, /^Create database$/)
  await tabTo(page, /^Select all$/)
  await tabTo(page, /^reached$/)
})

test('who asks for less motion gets none', async ({ page, open }) => {
  await open('/databases')
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog')).toBeVisible()
  expect(await page.evaluate(longestMotion)).toBeLessThanOrEqual(1)
})
