/** The fields that were given, under the names that the API has for them. */
export function given<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  // Object.entries loses the names of the fields; nothing but undefined values is taken away.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
