import { type ExecuteOptions, execute } from './execute.ts'
import { parseTemplate } from './parse.ts'
import type { Value } from './values.ts'

/** A template that was read and can be run over any number of values. */
export type Template = (value: Value, options?: ExecuteOptions) => string

/**
 * Reads a template in Go's language with docker's functions.
 * @throws {FormatError} at once for what is no template, and later for what a value has not
 */
export function compileTemplate(text: string): Template {
  const nodes = parseTemplate(text)
  return (value, options) => execute(nodes, value, options)
}
