import { invalidOption } from '../error.ts'

/** One line of CSV, where a field may be quoted to hold a comma. @see https://www.rfc-editor.org/rfc/rfc4180 */
export function splitCommas(text: string, what: string): string[] {
  const fields: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y
  while (fields.length === 0 || field.lastIndex < text.length || text.endsWith(',')) {
    const [found, quoted, plain = '', border] = field.exec(text) ?? []
    if (found === undefined) throw invalidOption(what, text, 'a quote stands in the middle of a field, or is not closed')
    fields.push(quoted?.replaceAll('""', '"') ?? plain)
    if (border === '') break
  }
  return fields
}
