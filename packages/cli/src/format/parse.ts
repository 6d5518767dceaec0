import { FormatError } from './error.ts'
import { lex, type Part, type Token } from './lex.ts'
import { parsePipeline } from './parse-pipeline.ts'
import type { BranchNode, Node } from './syntax.ts'

/**
 * Reads a template in Go's language, as far as docker's users write it: all but `define`, `template` and `block`.
 * @throws {FormatError}
 * @see https://pkg.go.dev/text/template
 */
export function parseTemplate(template: string): readonly Node[] {
  const parser = new Parser(template)
  const { nodes, end } = parser.list()
  if (end === undefined) return nodes
  throw new FormatError(`reading template ${JSON.stringify(template)}: {{${end}}} has nothing that it ends`)
}

type End = 'end' | 'else'

interface List {
  readonly nodes: readonly Node[]
  /** What ended it, unless the template did. */
  readonly end: End | undefined
  /** What follows `else`: `if`, `with` and their pipelines. */
  readonly rest: readonly Token[]
}

class Parser {
  readonly #template: string
  readonly #parts: readonly Part[]
  #at = 0
  #loops = 0

  constructor(template: string) {
    this.#template = template
    this.#parts = lex(template)
  }

  list(): List {
    const nodes: Node[] = []
    for (let part = this.#next(); part !== undefined; part = this.#next()) {
      if ('text' in part) {
        nodes.push({ kind: 'text', text: part.text })
        continue
      }
      const [first, ...rest] = part.action
      if (first?.kind === 'word' && (first.text === 'end' || first.text === 'else')) return { nodes, end: first.text, rest }
      nodes.push(this.#node(part.action, part.source))
    }
    return { nodes, end: undefined, rest: [] }
  }

  #next(): Part | undefined {
    return this.#parts[this.#at++]
  }

  #node(tokens: readonly Token[], source: string): Node {
    const [first, ...rest] = tokens
    switch (first?.kind === 'word' ? first.text : undefined) {
      case 'if':
      case 'with':
      case 'range':
        return this.#branch(first?.text as BranchNode['kind'], rest, source)
      case 'break':
      case 'continue':
        if (this.#loops === 0) throw this.#refused(`{{${first?.text}}} is outside of {{range}}`)
        return { kind: first?.text as 'break' | 'continue' }
      case 'define':
      case 'template':
      case 'block':
        throw this.#refused(`templates within templates (${source}) are not supported`)
      default:
        return { kind: 'print', pipeline: parsePipeline(tokens, source) }
    }
  }

  #branch(kind: BranchNode['kind'], tokens: readonly Token[], source: string): BranchNode {
    const pipeline = parsePipeline(tokens, source)
    if (kind === 'range') this.#loops++
    const { nodes, end, rest } = this.list()
    if (kind === 'range') this.#loops--
    if (end === undefined) throw this.#refused(`${source} has no {{end}}`)
    return { kind, pipeline, body: nodes, otherwise: end === 'else' ? this.#otherwise(rest, source) : [] }
  }

  #otherwise(tokens: readonly Token[], source: string): readonly Node[] {
    const [first, ...rest] = tokens
    // `{{else if x}}` shares the {{end}} of the branch that it is in.
    if (first !== undefined && (first.text === 'if' || first.text === 'with')) return [this.#branch(first.text, rest, source)]
    if (first !== undefined) throw this.#refused(`${JSON.stringify(first.text)} behind {{else}}`)
    const { nodes, end } = this.list()
    if (end !== 'end') throw this.#refused(`the {{else}} of ${source} has no {{end}}`)
    return nodes
  }

  #refused(why: string): FormatError {
    return new FormatError(`reading template ${JSON.stringify(this.#template)}: ${why}`)
  }
}
