/** What --chmod makes of a file's mode. */
export type ModeChange = (mode: number, isDirectory: boolean) => number

const CLASSES: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 }
const SHIFTS: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 }
const BITS: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 }
const OCTAL = /^0*[0-7]{1,4}$/
const CLAUSE = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/

/**
 * Reads a mode: octal digits, or chmod's own words such as `u=rwX,go=rX`; there is no umask.
 * @returns `undefined` when it is neither
 * @see chmod(1)
 */
export function parseMode(text: string): ModeChange | undefined {
  const octal = octalMode(text)
  if (octal !== undefined) return () => octal
  const clauses = text.split(',').map((clause) => CLAUSE.exec(clause))
  if (clauses.includes(null)) return undefined
  const changes = clauses.flatMap((clause) => {
    const [, who = '', actions = ''] = clause ?? []
    const mask = [...(who || 'a')].reduce((bits, letter) => bits | (CLASSES[letter] ?? 0), 0)
    return Array.from(actions.matchAll(/([-+=])([rwxXstugo]*)/g), ([, sign = '', letters = '']) => actionOf(mask, sign, letters))
  })
  return (mode, isDirectory) => changes.reduce((changed, change) => change(changed, isDirectory), mode)
}

/** The mode that octal digits are; `undefined` for other words. */
export function octalMode(text: string): number | undefined {
  return OCTAL.test(text) ? Number.parseInt(text, 8) : undefined
}

function actionOf(mask: number, sign: string, letters: string): ModeChange {
  return (mode, isDirectory) => {
    const bits = [...letters].reduce((all, letter) => all | bitsOf(letter, mode, isDirectory), 0) & mask
    if (sign === '+') return mode | bits
    return sign === '-' ? mode & ~bits : (mode & ~mask) | bits
  }
}

function bitsOf(letter: string, mode: number, isDirectory: boolean): number {
  if (letter === 'X') return isDirectory || (mode & 0o111) !== 0 ? 0o111 : 0
  const shift = SHIFTS[letter]
  return shift === undefined ? (BITS[letter] ?? 0) : ((mode >> shift) & 7) * 0o111
}
