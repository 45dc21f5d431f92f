import process from 'node:process'

/**
 * One line that says what goes on and for how long: no bar, because npm does not say how much is left.
 * @param {string} what
 * @returns {{ end: (isDone: boolean) => void }} ends the line
 */
export function showProgress(what) {
  const begun = Date.now()
  const seconds = () => `${Math.round((Date.now() - begun) / 1000)} s`
  if (!process.stderr.isTTY) {
    console.error(`${what} …`)
    return {
      end: isDone => isDone && console.error(`Installed in ${seconds()}.`),
    }
  }
  const draw = () => process.stderr.write(`\r${what} … ${seconds()}`)
  draw()
  const timer = setInterval(draw, 1000)
  return {
    end: () => {
      clearInterval(timer)
      draw()
      process.stderr.write('\n')
    },
  }
}
