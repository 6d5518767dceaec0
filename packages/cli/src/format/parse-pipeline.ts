import { FormatError } from './error.ts'
import type { Token } from './lex.ts'
import type { Command, Operand, Pipeline, Term } from './syntax.ts'

/**
 * Reads what stands in an action: `.A.B`, `$v := index .A 0 | json`.
 * @param source the action, for messages
 * @throws {FormatError}
 */
export function parsePipeline(tokens: readonly Token[], source: string): Pipeline {
  const reader = new PipelineReader(tokens, source)
  const pipeline = reader.pipeline()
  reader.expectEnd()
  return pipeline
}

class PipelineReader {
  readonly #tokens: readonly Token[]
  readonly #source: string
  #at = 0

  constructor(tokens: readonly Token[], source: string) {
    this.#tokens = tokens
    this.#source = source
  }

  pipeline(): Pipeline {
    const { variables, isDeclaration } = this.#variables()
    const commands = [this.#command()]
    while (this.#takes('|')) commands.push(this.#command())
    const [value] = commands.slice(1).filter(({ first }) => first.term.kind === 'constant')
    if (value !== undefined) throw this.#refused('a value behind | is no function')
    return { source: this.#source, variables, isDeclaration, commands }
  }

  expectEnd(): void {
    const token = this.#tokens[this.#at]
    if (token !== undefined) throw this.#refused(`${JSON.stringify(token.text)} is out of place`)
  }

  #variables(): Pick<Pipeline, 'variables' | 'isDeclaration'> {
    const [first, sign, second, last] = this.#tokens.slice(this.#at, this.#at + 4)
    if (first?.kind !== 'variable' || sign?.kind !== 'sign') return { variables: [], isDeclaration: false }
    const isPair = sign.text === ',' && second?.kind === 'variable'
    const assigns = isPair ? last?.text : sign.text
    if (assigns !== ':=' && assigns !== '=') return { variables: [], isDeclaration: false }
    this.#at += isPair ? 4 : 2
    return { variables: isPair ? [first.text, second.text] : [first.text], isDeclaration: assigns === ':=' }
  }

  #command(): Command {
    const operands: Operand[] = []
    for (let operand = this.#operand(); operand !== undefined; operand = this.#operand()) operands.push(operand)
    const [first, ...rest] = operands
    if (first === undefined) throw this.#refused('a value is missing')
    return { first, arguments: rest }
  }

  #operand(): Operand | undefined {
    const token = this.#tokens[this.#at]
    if (token === undefined || (token.kind === 'sign' && token.text !== '(')) return undefined
    const term = this.#term(token)
    const fields: string[] = token.kind === 'field' ? [token.text.slice(1)] : []
    for (let next = this.#tokens[this.#at]; next?.kind === 'field' && !next.isApart; next = this.#tokens[this.#at]) {
      fields.push(next.text.slice(1))
      this.#at++
    }
    return { term, fields }
  }

  #term({ kind, text }: Token): Term {
    this.#at++
    switch (kind) {
      case 'field':
      case 'dot':
        return { kind: 'dot' }
      case 'variable':
        return { kind: 'variable', name: text }
      case 'text':
        return { kind: 'constant', value: text }
      case 'number':
        return { kind: 'constant', value: Number(text.replaceAll('_', '')) }
      case 'word':
        return text in WORDS ? { kind: 'constant', value: WORDS[text] } : { kind: 'function', name: text }
      default:
        return this.#parenthesis()
    }
  }

  #parenthesis(): Term {
    const pipeline = this.pipeline()
    if (!this.#takes(')')) throw this.#refused('a parenthesis is not closed')
    return { kind: 'pipeline', pipeline }
  }

  #takes(sign: string): boolean {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'sign' || token.text !== sign) return false
    this.#at++
    return true
  }

  #refused(why: string): FormatError {
    return new FormatError(`reading template ${this.#source}: ${why}`)
  }
}

const WORDS: Readonly<Record<string, boolean | undefined>> = { true: true, false: false, nil: undefined }
