import { invalidOption } from '../error.ts'
import { splitKeyValue } from './key-value.ts'

/**
 * Reads one variable: `NAME=value`, or `NAME` alone, which later takes the caller's value, or removes the image's.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseEnv(text: string): string {
  const { key } = splitKeyValue(text)
  if (key === '') throw invalidOption('environment variable', text, 'the name is empty')
  if (text.includes('\0')) throw invalidOption('environment variable', text, 'it has a zero byte')
  return text
}

/**
 * Reads a file of variables, one a line, as docker does: no quotes, no expansion, `#` at the start of a line.
 * @param file its name, for errors
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseEnvFile(content: string, file: string): string[] {
  return content
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .flatMap((line, index) => (line === '' || line.startsWith('#') ? [] : [parseEnvLine(line, `${file}:${index + 1}`)]))
}

function parseEnvLine(line: string, where: string): string {
  const { key, value } = splitKeyValue(line)
  const name = value === undefined ? key.trimEnd() : key
  if (name === '') throw invalidOption(`variable of ${where}`, line, 'the name is empty')
  if (/\s/.test(name)) throw invalidOption(`variable of ${where}`, line, 'the name contains white space')
  return value === undefined ? name : parseEnv(line)
}
