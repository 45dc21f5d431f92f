/** Scripts that run inside the page, as text: the rest of the repository is compiled without a browser's types. */

/** What has the focus: its name, and whether a person can see that it has it. */
export interface Focused {
  readonly name: string
  readonly isSeen: boolean
}
export const focused = `(() => {
  const element = document.activeElement
  if (!element || element === document.body)
    return { name: '', isSeen: true }
  const { outlineStyle, outlineWidth } = getComputedStyle(element)
  const { width, height } = element.getBoundingClientRect()
  return {
    name: (element.getAttribute('aria-label') ?? element.textContent).trim().replace(/\\s+/g, ' '),
    isSeen: outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 && width > 0 && height > 0,
  }
})()`

/** Milliseconds of the longest animation or transition of anything in the page. */
export const longestMotion = `Math.max(...[...document.querySelectorAll('*')].flatMap((element) => {
  const { animationDuration, transitionDuration } = getComputedStyle(element)
  return (animationDuration + ', ' + transitionDuration).split(', ').map(text => parseFloat(text) * (text.endsWith('ms') ? 1 : 1000))
}))`

export const scrollWidth = 'document.documentElement.scrollWidth'

/** What the content security policy must refuse. */
export const inlineScript = `(() => {
  const script = document.createElement('script')
  script.append('window.hasRun = true')
  document.body.append(script)
})()`
export const hasRun = 'window.hasRun === true'
