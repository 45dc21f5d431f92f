interface Play { readonly name: string, readonly seconds: number }

/** How long each play took, from what Ansible writes to `ANSIBLE_LOG_PATH`: its output has no times. */
export function playTimes(log: string): readonly Play[] {
  const marks = [...log.matchAll(/^(\S+ \S+),(\d{3}) .*\| PLAY (RECAP|\[.*\]) \*+$/gm)].map(([, at, milliseconds, name]) => ({
    name: name!.slice(1, -1),
    at: Date.parse(`${at}.${milliseconds}Z`),
  }))
  return marks.slice(1).map(({ at }, index) => ({ name: marks[index]!.name, seconds: (at - marks[index]!.at) / 1000 }))
}
