/** What programs of one machine agree by: locks in files, who holds one, and what the system's errors are called. */
export { bootId } from './boot.ts'
export { StillHeld, taken, takenFromDead, withFileLock } from './file-lock.ts'
export { hasCode } from './has-code.ts'
export { livingProcess, markOfThisProcess } from './process-mark.ts'
export { readIfThere } from './read-if-there.ts'
