/** @param {number} cents */
export function price(cents) {
  return `${Math.floor(cents / 100)}.${`${cents % 100}`.padStart(2, '0')}`
}
