/** Something that the schema of a logical database is made of. */
export interface SchemaObject {
  /** In SQL's words: `table`, `index`, `function` … */
  readonly kind: string
  /** Empty for what is in none, such as an extension. */
  readonly schema: string
  /** Unique among those of its kind in its schema: functions with their arguments, what hangs on a table with its name. */
  readonly name: string
  /** Text that is the same for two that are alike. */
  readonly definition: string
}
