import type { Socket } from 'node:net'

/** Let two connections be one. Neither is read faster than the other one takes it, and what ends one ends the other. */
export function relay(a: Socket, b: Socket): void {
  oneWay(a, b)
  oneWay(b, a)
  a.resume()
  b.resume()
}

/** As `pipe` does it, with less on the way of each chunk. */
function oneWay(from: Socket, to: Socket): void {
  from.on('data', (chunk) => {
    if (!to.write(chunk))
      from.pause()
  })
  to.on('drain', () => from.resume())
  from.on('end', () => to.end())
  from.on('close', () => to.destroy())
}
