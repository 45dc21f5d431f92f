/** Where the driver writes what an operator should know. The shape of pino's loggers. */
export interface Log {
  debug: (details: object, message: string) => void
  info: (details: object, message: string) => void
  warn: (details: object, message: string) => void
  error: (details: object, message: string) => void
}
