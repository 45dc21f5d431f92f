interface Timed { readonly name: string, readonly seconds: number }

/** How long each play took, from what Ansible writes to `ANSIBLE_LOG_PATH`: its output has no times. */
export function playTimes(log: string): readonly Timed[] {
  return between(log, 'PLAY')
}

/** The tasks that took longest, longest first; one whose include is repeated counts each time. */
export function slowestTasks(log: string, count: number): readonly Timed[] {
  return between(log, 'PLAY|TASK|RUNNING HANDLER')
    .filter(({ kind }) => kind !== 'PLAY')
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, count)
    .map(({ name, seconds }) => ({ name, seconds }))
}

/** From one headline of these kinds to the next. */
function between(log: string, kinds: string): readonly (Timed & { readonly kind: string })[] {
  const headline = new RegExp(`^(\\S+ \\S+),(\\d{3}) .*\\| (${kinds}) (?:\\[(.*)\\]|RECAP) \\*+$`, 'gm')
  const end = /^(\S+ \S+),(\d{3}) .*\| PLAY RECAP \*+$/m.exec(log)
  const marks = [...log.matchAll(headline)]
    .filter(([, , , , name]) => name !== undefined)
    .map(([, at, milliseconds, kind, name]) => ({ kind: kind!, name: name!, at: moment(at!, milliseconds!) }))
  const last = end ? [moment(end[1]!, end[2]!)] : []
  const ends = [...marks.slice(1).map(({ at }) => at), ...last]
  return ends.map((end, index) => ({ kind: marks[index]!.kind, name: marks[index]!.name, seconds: (end - marks[index]!.at) / 1000 }))
}

function moment(at: string, milliseconds: string): number {
  return Date.parse(`${at}.${milliseconds}Z`)
}
