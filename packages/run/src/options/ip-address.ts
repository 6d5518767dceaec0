/**
 * Which IP version's address a text is: 4, 6, or 0 for none. What knows is loaded when it is asked: it takes as long as a container to begin.
 * @see https://nodejs.org/api/net.html#netisipinput
 */
export function isIP(text: string): number {
  return process.getBuiltinModule('node:net').isIP(text)
}
