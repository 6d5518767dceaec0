// What stands between spaces: bare characters, escaped ones, and what quotes hold together.
const WORD = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs
const PIECE = /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gs

/** The words of a text, quotes and backslashes taken as the shell takes them. */
export function readWords(text: string): string[] {
  return (text.match(WORD) ?? []).map(unquote)
}

/**
 * `name=value name=value`, or the old `name the rest`.
 * @throws {Error} when a word is no pair
 */
export function readPairs(text: string): [name: string, value: string][] {
  const words = text.match(WORD) ?? []
  if (words[0]?.includes('=')) return words.map(readPair)
  const [, name, value] = /^(\S+)\s+(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw new Error('expected name=value')
  return [[name, value]]
}

function readPair(word: string): [name: string, value: string] {
  const equals = word.indexOf('=')
  if (equals < 1) throw new Error(`${JSON.stringify(word)} is not name=value`)
  return [unquote(word.slice(0, equals)), unquote(word.slice(equals + 1))]
}

function unquote(word: string): string {
  return word.replace(
    PIECE,
    (_, escaped?: string, double?: string, single?: string) => escaped ?? double?.replace(/\\(["\\$])/g, '$1') ?? single ?? '',
  )
}
