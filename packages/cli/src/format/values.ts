/**
 * What a template sees. An object is one of Go's structs: a field that it has not is a mistake in the template. A dictionary is one of
 * Go's maps. A function is a method. `undefined` and `null` are nil.
 */
export type Value = unknown

/** A dictionary's lack of a key, which is printed as Go prints it. */
export const NO_VALUE = Symbol('no value')

/** An object whose keys are data, such as labels: it has no prototype, which tells it from other objects. */
export function dictionary<T>(entries: Readonly<Record<string, T>> | undefined | null): Record<string, T> {
  return Object.assign(Object.create(null), entries)
}

export function isDictionary(value: Value): value is Record<string, Value> {
  return isObject(value) && Object.getPrototypeOf(value) === null
}

export function isObject(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isNil(value: Value): boolean {
  return value === undefined || value === null || value === NO_VALUE
}

/** @see https://pkg.go.dev/text/template#hdr-Actions ("the empty values") */
export function isTrue(value: Value): boolean {
  if (isNil(value) || value === false || value === 0 || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return !isDictionary(value) || Object.keys(value).length > 0
}

/** A dictionary's keys as Go sorts them when it walks or prints a map. */
export function sortedKeys(value: Readonly<Record<string, Value>>): string[] {
  return Object.keys(value).sort()
}

/** As Go's fmt prints a value with %v. */
export function printed(value: Value): string {
  return value === NO_VALUE ? '<no value>' : shown(value)
}

function shown(value: Value): string {
  if (isNil(value)) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(shown).join(' ')}]`
  if (isDictionary(value))
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${shown(value[key])}`)
      .join(' ')}]`
  if (isObject(value))
    return `{${Object.values(value)
      .filter((field) => typeof field !== 'function')
      .map(shown)
      .join(' ')}}`
  return String(value)
}

/** What Go would call it. */
export function typeName(value: Value): string {
  if (isNil(value)) return 'nil'
  if (Array.isArray(value)) return 'a list'
  if (isDictionary(value)) return 'a map'
  if (isObject(value)) return 'a structure'
  const names: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', boolean: 'a boolean' }
  return names[typeof value] ?? typeof value
}
