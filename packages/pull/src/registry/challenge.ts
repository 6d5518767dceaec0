/** One way in which a server says it can be told who asks. */
export interface Challenge {
  /** Lower case: `bearer`, `basic`, ... */
  readonly scheme: string
  /** Names in lower case; empty where the scheme carries a token68 or nothing. */
  readonly parameters: Readonly<Record<string, string>>
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const SPACE = /[ \t]*/y
const SEPARATORS = /[ \t,]*/y
const EQUALS = /[ \t]*=[ \t]*/y
const QUOTED = /"((?:[^"\\]|\\.)*)"/y
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y

/**
 * Reads WWW-Authenticate, in which several challenges may share a header line and quoted strings may hold commas.
 * What does not follow the grammar ends the reading; the challenges before it are kept.
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate
 */
export function parseChallenges(header: string | readonly string[] | undefined): Challenge[] {
  const text = typeof header === 'string' ? header : (header ?? []).join(', ')
  const reader = new HeaderReader(text)
  const challenges: Challenge[] = []
  for (;;) {
    const separators = reader.take(SEPARATORS) ?? ''
    const scheme = challenges.length === 0 || separators.includes(',') ? reader.take(TOKEN) : undefined
    if (scheme === undefined) return challenges
    challenges.push({ scheme: scheme.toLowerCase(), parameters: readParameters(reader) })
  }
}

function readParameters(reader: HeaderReader): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null)
  reader.take(SPACE)
  for (let first = true; ; first = false) {
    const start = reader.position
    reader.take(SEPARATORS)
    const name = reader.take(TOKEN)
    const value = name !== undefined && reader.take(EQUALS) !== undefined ? readValue(reader) : undefined
    if (name !== undefined && value !== undefined) {
      parameters[name.toLowerCase()] ??= value
      continue
    }
    reader.position = start
    if (first) reader.take(TOKEN68)
    return parameters
  }
}

function readValue(reader: HeaderReader): string | undefined {
  const quoted = reader.take(QUOTED)
  return quoted === undefined ? reader.take(TOKEN) : quoted.slice(1, -1).replace(/\\(.)/g, '$1')
}

class HeaderReader {
  position = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** What the sticky `pattern` matches here, or `undefined` and no step. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.position += found.length
    return found
  }
}
