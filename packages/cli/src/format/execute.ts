import { FormatError } from './error.ts'
import { FUNCTIONS, type TemplateFunction } from './functions.ts'
import type { BranchNode, Command, Node, Operand, Pipeline } from './syntax.ts'
import { isDictionary, isNil, isObject, isTrue, NO_VALUE, printed, sortedKeys, typeName, type Value } from './values.ts'

export interface ExecuteOptions {
  /** Instead of those that are always there. */
  readonly functions?: Readonly<Record<string, TemplateFunction>>
}

/**
 * Runs a template over a value.
 * @throws {FormatError} for a field, a function or an index that is not there
 */
export function execute(nodes: readonly Node[], value: Value, { functions = {} }: ExecuteOptions = {}): string {
  const execution = new Execution({ ...FUNCTIONS, ...functions })
  execution.run(nodes, value, new Scope(undefined, { $: value }))
  return execution.output
}

/** The variables of a block, and of those around it. */
class Scope {
  readonly #outer: Scope | undefined
  readonly #variables: Map<string, Value>

  constructor(outer: Scope | undefined, variables: Readonly<Record<string, Value>> = {}) {
    this.#outer = outer
    this.#variables = new Map(Object.entries(variables))
  }

  get(name: string): Value {
    return this.#holder(name).#variables.get(name)
  }

  assign(name: string, value: Value): void {
    this.#holder(name).#variables.set(name, value)
  }

  declare(name: string, value: Value): void {
    this.#variables.set(name, value)
  }

  #holder(name: string): Scope {
    if (this.#variables.has(name)) return this
    if (this.#outer === undefined) throw new FormatError(`reading variable ${name}: the template declares none of this name`)
    return this.#outer.#holder(name)
  }
}

type Flow = 'break' | 'continue' | undefined

class Execution {
  readonly #functions: Readonly<Record<string, TemplateFunction>>
  output = ''

  constructor(functions: Readonly<Record<string, TemplateFunction>>) {
    this.#functions = functions
  }

  run(nodes: readonly Node[], dot: Value, scope: Scope): Flow {
    for (const node of nodes) {
      const flow = this.#runNode(node, dot, scope)
      if (flow !== undefined) return flow
    }
    return undefined
  }

  #runNode(node: Node, dot: Value, scope: Scope): Flow {
    switch (node.kind) {
      case 'text':
        this.output += node.text
        return undefined
      case 'print':
        this.#print(node.pipeline, dot, scope)
        return undefined
      case 'break':
      case 'continue':
        return node.kind
      default:
        return this.#branch(node, dot, scope)
    }
  }

  #print(pipeline: Pipeline, dot: Value, scope: Scope): void {
    const value = this.#pipeline(pipeline, dot, scope)
    if (pipeline.variables.length === 0) this.output += printed(value)
  }

  #branch({ kind, pipeline, body, otherwise }: BranchNode, dot: Value, outer: Scope): Flow {
    const scope = new Scope(outer)
    if (kind === 'range') return this.#range({ pipeline, body, otherwise }, dot, scope)
    const value = this.#pipeline(pipeline, dot, scope)
    if (!isTrue(value)) return this.run(otherwise, dot, scope)
    return this.run(body, kind === 'with' ? value : dot, scope)
  }

  #range({ pipeline, body, otherwise }: Omit<BranchNode, 'kind'>, dot: Value, outer: Scope): Flow {
    const entries = entriesOf(this.#commands(pipeline, dot, outer), pipeline)
    if (entries.length === 0) return this.run(otherwise, dot, outer)
    for (const [key, value] of entries) {
      const scope = new Scope(outer)
      const [first, second] = pipeline.variables
      if (second !== undefined) scope.declare(second, value)
      if (first !== undefined) scope.declare(first, second === undefined ? value : key)
      if (this.run(body, value, scope) === 'break') break
    }
    return undefined
  }

  #pipeline(pipeline: Pipeline, dot: Value, scope: Scope): Value {
    const value = this.#commands(pipeline, dot, scope)
    for (const name of pipeline.variables) {
      if (pipeline.isDeclaration) scope.declare(name, value)
      else scope.assign(name, value)
    }
    return value
  }

  #commands({ commands }: Pipeline, dot: Value, scope: Scope): Value {
    let passed: readonly Value[] = []
    for (const command of commands) passed = [this.#command(command, dot, { scope, passed })]
    return passed[0]
  }

  #command({ first, arguments: operands }: Command, dot: Value, { scope, passed }: { scope: Scope; passed: readonly Value[] }): Value {
    const given = [...operands.map((operand) => () => this.#operand(operand, dot, scope)), ...passed.map((value) => () => value)]
    if (first.term.kind === 'function' && first.fields.length === 0) return this.#call(first.term.name, given)
    const { receiver, value } = this.#resolve(first, dot, scope)
    if (typeof value === 'function') return value.apply(receiver, given.map(evaluated))
    if (given.length > 0) throw new FormatError(`calling ${nameOf(first)}: it is ${typeName(value)}, not a function`)
    return value
  }

  #call(name: string, given: readonly (() => Value)[]): Value {
    if (name === 'and' || name === 'or') return firstThatDecides(given, name === 'or')
    const called = Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined
    if (called !== undefined) return called(...given.map(evaluated))
    const names = [...Object.keys(this.#functions), 'and', 'or'].sort().join(', ')
    throw new FormatError(`calling ${name}: templates have no such function`, { hint: `there are ${names}` })
  }

  #operand(operand: Operand, dot: Value, scope: Scope): Value {
    return this.#command({ first: operand, arguments: [] }, dot, { scope, passed: [] })
  }

  /** A term and the fields behind it, the last of which may be a method. */
  #resolve(operand: Operand, dot: Value, scope: Scope): { receiver: Value; value: Value } {
    let [receiver, value]: [Value, Value] = [undefined, this.#term(operand, dot, scope)]
    for (const [at, field] of operand.fields.entries()) {
      receiver = typeof value === 'function' ? value.call(receiver) : value
      value = fieldOf(receiver, field, nameOf({ ...operand, fields: operand.fields.slice(0, at) }))
    }
    return { receiver, value }
  }

  #term({ term }: Operand, dot: Value, scope: Scope): Value {
    switch (term.kind) {
      case 'dot':
        return dot
      case 'variable':
        return scope.get(term.name)
      case 'function':
        return this.#call(term.name, [])
      case 'pipeline':
        return this.#pipeline(term.pipeline, dot, scope)
      default:
        return term.value
    }
  }
}

function evaluated(evaluate: () => Value): Value {
  return evaluate()
}

/** The first value that is true (or, for `and`, is not), else the last. */
function firstThatDecides(given: readonly (() => Value)[], decisive: boolean): Value {
  let value: Value
  for (const evaluate of given) {
    value = evaluate()
    if (isTrue(value) === decisive) return value
  }
  return value
}

function fieldOf(value: Value, field: string, name: string): Value {
  if (isNil(value))
    throw new FormatError(`reading ${field} of ${name}: ${name} is nil`, { hint: `{{if ${name}}} or {{with ${name}}} asks first` })
  if (!isObject(value)) throw new FormatError(`reading ${field} of ${name}: it is ${typeName(value)}`)
  if (Object.hasOwn(value, field)) return value[field]
  if (isDictionary(value)) return NO_VALUE
  throw new FormatError(`reading ${field} of ${name}: there is no such field`, { hint: `there are ${Object.keys(value).join(', ')}` })
}

/** As it is written in a template. */
function nameOf({ term, fields }: Operand): string {
  const [start, path] = [term.kind === 'variable' ? term.name : '', fields.map((field) => `.${field}`).join('')]
  if (term.kind === 'pipeline' || term.kind === 'function') return `(…)${path}`
  return `${start}${path}` || '.'
}

function entriesOf(value: Value, { source }: Pipeline): (readonly [Value, Value])[] {
  if (isNil(value)) return []
  if (Array.isArray(value)) return value.map((each, at) => [at, each] as const)
  if (typeof value === 'number') return Array.from({ length: value }, (_, at) => [at, at] as const)
  if (isDictionary(value)) return sortedKeys(value).map((key) => [key, value[key]] as const)
  throw new FormatError(`running ${source}: ${typeName(value)} has nothing to range over`)
}
