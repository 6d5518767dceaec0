/** What a value in a document can be asked to be; `set` is Go's: an object whose keys alone count. */
export type Shape = 'text' | 'number' | 'boolean' | 'list of texts' | 'object of texts' | 'set'

const CHECKS: Readonly<Record<Shape, (value: unknown) => boolean>> = {
  text: isText,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  'list of texts': (value) => Array.isArray(value) && value.every(isText),
  'object of texts': (value) => isObject(value) && Object.values(value).every(isText),
  set: isObject,
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Without what is null, which is how Go writes what is not there. */
export function withoutNulls(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
}

/**
 * Looks for a field of another shape than it is to have; one that is not there, and one that has no shape, is right.
 * @returns what is wrong with it, in words
 */
export function misshapen(object: Readonly<Record<string, unknown>>, shapes: Readonly<Record<string, Shape>>): string | undefined {
  const wrong = Object.entries(shapes).find(([name, shape]) => object[name] !== undefined && !CHECKS[shape](object[name]))
  return wrong && `${wrong[0]} is ${shown(object[wrong[0]])}, expected ${wrong[1].startsWith('o') ? 'an' : 'a'} ${wrong[1]}`
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}
