import type { Lane } from './lanes.ts'

interface Run {
  readonly isCi: boolean
  /** Paths from the root of the tree that differ from what is known to be good; undefined when nobody can tell, as in a copy without history: nobody changed that. */
  readonly changed: readonly string[] | undefined
}

/** Whether a lane runs although nobody named it. */
export function isChosen({ isByNameOnly = false, onlyWhenChanged }: Pick<Lane, 'isByNameOnly' | 'onlyWhenChanged'>, { isCi, changed }: Run): boolean {
  if (isByNameOnly)
    return false
  if (!onlyWhenChanged)
    return true
  return isCi && (changed?.some(path => !path.endsWith('.md') && onlyWhenChanged.some(folder => path.startsWith(folder))) ?? false)
}
