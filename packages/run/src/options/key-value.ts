import { invalidOption } from '../error.ts'

/** `name=value` at its first `=`; the value is undefined where there is none. */
export function splitKeyValue(text: string): { key: string; value: string | undefined } {
  const at = text.indexOf('=')
  return at < 0 ? { key: text, value: undefined } : { key: text.slice(0, at), value: text.slice(at + 1) }
}

/**
 * Reads `name=value`, or `name` alone for an empty value.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseLabel(text: string): readonly [name: string, value: string] {
  const { key, value = '' } = splitKeyValue(text)
  if (key === '') throw invalidOption('label', text, 'the name is empty')
  return [key, value]
}

/**
 * Reads `net.ipv4.ip_forward=1`.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseSysctl(text: string): readonly [name: string, value: string] {
  const { key, value } = splitKeyValue(text)
  const name = key.trim()
  if (value === undefined || name === '') throw invalidOption('sysctl', text, 'not name=value')
  if (!/^[A-Za-z0-9_][A-Za-z0-9_./-]*$/.test(name) || name.includes('..')) throw invalidOption('sysctl', text, 'not the name of a setting')
  return [name, value]
}
