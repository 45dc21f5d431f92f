/** Build the console where its sources have changed since the last build. */
export function ensureConsole(): Promise<void>
