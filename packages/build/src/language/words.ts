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
    started = true
    word += character
    if (character === escape && quote !== "'") word += text.charAt(++at)
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    else if (character === quote) quote = ''
  }
  if (started) words.push(word)
  return words
}
