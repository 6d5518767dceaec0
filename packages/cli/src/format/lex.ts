import { FormatError } from './error.ts'

/** What a template is made of: text, and actions between {{ and }}. */
export type Part = { readonly text: string } | { readonly action: readonly Token[]; readonly source: string }

export interface Token {
  readonly kind: TokenKind
  /** As it is written; of a text, what it stands for. */
  readonly text: string
  /** Whether white space stands before it. */
  readonly isApart: boolean
}

export type TokenKind = 'text' | 'number' | 'variable' | 'field' | 'dot' | 'word' | 'sign'

/** @throws {FormatError} */
export function lex(template: string): Part[] {
  const parts: Part[] = []
  let [at, trimsNext] = [0, false]
  while (at < template.length) {
    const open = template.indexOf('{{', at)
    const end = open < 0 ? template.length : open
    const trimsThis = open >= 0 && /^\{\{-\s/.test(template.slice(open, open + 4))
    const text = trimmed(template.slice(at, end), trimsNext, trimsThis)
    if (text !== '') parts.push({ text })
    if (open < 0) break
    const action = lexAction(template, open, trimsThis)
    if (action.tokens !== undefined) parts.push({ action: action.tokens, source: template.slice(open, action.end) })
    ;[at, trimsNext] = [action.end, action.trimsNext]
  }
  return parts
}

function trimmed(text: string, start: boolean, end: boolean): string {
  const left = start ? text.trimStart() : text
  return end ? left.trimEnd() : left
}

const COMMENT = /\{\{(?:-\s+)?\/\*[\s\S]*?\*\/(\s+-)?\}\}/y
const CLOSE = /(\s+-|\s*)\}\}/y
const SPACE = /\s+/y
const KINDS: readonly (readonly [TokenKind, RegExp])[] = [
  ['text', /"(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])+'/y],
  ['number', /[+-]?(?:0[xX][\da-fA-F]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)/y],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ['dot', /\./y],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['sign', /:=|[=|(),]/y],
]

interface Action {
  /** undefined: a comment. */
  readonly tokens: readonly Token[] | undefined
  readonly end: number
  readonly trimsNext: boolean
}

function lexAction(template: string, open: number, trimsThis: boolean): Action {
  const comment = matchAt(COMMENT, template, open)
  if (comment !== undefined) return { tokens: undefined, end: open + comment[0].length, trimsNext: comment[1] !== undefined }
  const tokens: Token[] = []
  let at = open + (trimsThis ? 3 : 2)
  for (;;) {
    const close = matchAt(CLOSE, template, at)
    if (close !== undefined) return { tokens, end: at + close[0].length, trimsNext: close[1]?.endsWith('-') === true }
    const space = matchAt(SPACE, template, at)?.[0].length ?? 0
    const token = tokenAt(template, at + space, space > 0)
    tokens.push(token.token)
    at = token.end
  }
}

function tokenAt(template: string, at: number, isApart: boolean): { token: Token; end: number } {
  for (const [kind, pattern] of KINDS) {
    const [source] = matchAt(pattern, template, at) ?? []
    if (source === undefined) continue
    const text = kind === 'text' ? unquoted(source) : source
    return { token: { kind, text, isApart }, end: at + source.length }
  }
  const rest = template.slice(at)
  if (rest.trim() === '') throw new FormatError(`reading template ${JSON.stringify(template)}: an action that {{ begins has no }}`)
  throw new FormatError(
    `reading template ${JSON.stringify(template)}: ${JSON.stringify(rest.slice(0, 12))} is nothing that an action can have`,
  )
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' }

function unquoted(source: string): string {
  const inside = source.slice(1, -1)
  if (source.startsWith('`')) return inside
  return inside.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|(.))/g, (_, byte?: string, unit?: string, letter = '') => {
    const code = byte ?? unit
    return code === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16))
  })
}
