/** One `--name=value` between an instruction's word and its arguments; no value: a switch. */
export interface Flag {
  readonly name: string
  readonly value: string | undefined
}

/**
 * Takes the flags off the front of an instruction's text; quotes and escapes in them are resolved.
 * @returns the flags in their order, and what stands behind them
 */
export function takeFlags(text: string, escape: string): { flags: Flag[]; rest: string } {
  const flags: Flag[] = []
  let rest = text.trimStart()
  while (rest.startsWith('--')) {
    const { word, length } = readWord(rest, escape)
    rest = rest.slice(length).trimStart()
    if (word === '--') break
    flags.push(toFlag(word))
  }
  return { flags, rest: rest.trimEnd() }
}

function toFlag(word: string): Flag {
  const equals = word.indexOf('=')
  if (equals < 0) return { name: word.slice(2), value: undefined }
  return { name: word.slice(2, equals), value: word.slice(equals + 1) }
}

function readWord(text: string, escape: string): { word: string; length: number } {
  let word = ''
  let quote = ''
  let at = 0
  for (; at < text.length; at++) {
    const character = text.charAt(at)
    if (quote === '' && /\s/.test(character)) break
    if (character === escape) word += text.charAt(++at)
    else if (character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    else word += character
  }
  return { word, length: at }
}
