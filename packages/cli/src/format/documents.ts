import { reportError } from '../report-error.ts'
import type { Value } from './values.ts'

/**
 * Prints what is known of each of several things: a JSON list, or what a template makes of each. One that is not there is reported, and the
 * others are shown all the same; the exit code is then 1.
 * @throws {FormatError}; what `describe` throws where there is nothing else to show
 */
export async function printDocuments(
  names: readonly string[],
  describe: (name: string) => Promise<Value>,
  { format }: { readonly format?: string | undefined },
): Promise<void> {
  const documents: Value[] = []
  const errors: unknown[] = []
  for (const name of names) {
    try {
      documents.push(await describe(name))
    } catch (error) {
      errors.push(error)
    }
  }
  if (documents.length === 0 && errors.length === 1) throw errors[0]
  process.stdout.write(await documentsText(documents, format))
  for (const error of errors) reportError(error, { debug: false })
  if (errors.length > 0) process.exitCode = 1
}

async function documentsText(documents: readonly Value[], format = ''): Promise<string> {
  if (format === '' || format === 'json') return `${JSON.stringify(documents, undefined, format === 'json' ? undefined : 4)}\n`
  const { compileTemplate } = await import('./template.ts')
  const template = compileTemplate(format)
  return documents.map((document) => `${template(document)}\n`).join('')
}

/** One thing's JSON (`json`), or what a template makes of it, as a line. @throws {FormatError} */
export async function formattedDocument(document: Value, format: string): Promise<string> {
  if (format === 'json') return `${JSON.stringify(document)}\n`
  const { compileTemplate } = await import('./template.ts')
  return `${compileTemplate(format)(document)}\n`
}
