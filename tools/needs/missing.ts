/** Something that a lane needs, is not on this machine and could not be installed. The message says what to do. */
export class Missing extends Error {
  override name = 'Missing'
}
