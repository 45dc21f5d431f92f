import { styleText } from 'node:util'

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'dim' | 'bold'

/** Colours text, or leaves it as it is. */
export type Paint = (colour: Colour | undefined, text: string) => string

export function painter(hasColour: boolean): Paint {
  return (colour, text) => hasColour && colour && text !== ''
    ? styleText(colour, text, { validateStream: false })
    : text
}

const colours: Readonly<Record<string, Colour>> = {
  ready: 'green',
  succeeded: 'green',
  success: 'green',
  done: 'green',
  degraded: 'yellow',
  denied: 'yellow',
  cancelled: 'yellow',
  WARNING: 'yellow',
  warning: 'yellow',
  failed: 'red',
  failure: 'red',
  error: 'red',
  ERROR: 'red',
  FATAL: 'red',
  PANIC: 'red',
  hibernated: 'dim',
  pending: 'dim',
  DEBUG: 'dim',
}

/** Closed words of the API have one colour everywhere: good green, attention yellow, bad red, in motion blue. */
export function colourOf(word: string): Colour | undefined {
  return colours[word] ?? (/^(?:running|creating|.+ing)$/.test(word) ? 'blue' : undefined)
}
