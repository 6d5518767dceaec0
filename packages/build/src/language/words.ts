/** Splits at blanks, whatever quotes say: a path with a blank in it goes into a JSON list. */
export function splitBlanks(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

/**
 * Splits at blanks that are neither quoted nor escaped; quotes and escapes stay in the words.
 * @param escape the escape character of the file
 */
export function splitWords(text: string, escape: string): string[] {
  const words: string[] = []
  let word = ''
  let quote = ''
  let started = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (quote === '' && /\s/.test(character)) {
      if (started) words.push(word)
      word = ''
      started = false
      continue
    }
    const escapes = character === escape && quote !== "'"
    // An escape character at the very end escapes nothing, and goes.
    if (escapes && at === text.length - 1) break
    started = true
    word += character
    if (escapes) word += text.charAt(++at)
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    else if (character === quote) quote = ''
  }
  if (started) words.push(word)
  return words
}

/** A shell's word without its quotes and backslashes; nothing in it is expanded. */
export function unquoted(word: string): string {
  return word.replace(/'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([\s\S])/g, (_, single?: string, double?: string, escaped?: string) => {
    return single ?? double?.replace(/\\(["$\\])/g, '$1') ?? escaped ?? ''
  })
}
