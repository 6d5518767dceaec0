import { terminalWidth } from '../terminal/colour.ts'
import { table } from '../terminal/table.ts'
import type { TemplateFunction } from './functions.ts'
import type { Value } from './values.ts'

/** A row of a list, as docker's templates see it. */
export type Row = Readonly<Record<string, Value>>

export interface ListLayout {
  /** What a table says above each field; every field of the rows has one. */
  readonly headings: Readonly<Record<string, string>>
  /** The fields of the table that is shown unless asked otherwise. */
  readonly columns: readonly string[]
  /** Colours a cell of that table. */
  readonly paint?: (cell: string, field: string) => string
}

export interface ListOptions {
  /** `table`, `json`, `table TEMPLATE` or `TEMPLATE`, as docker has it. */
  readonly format?: string | undefined
  /** Whether a terminal that is too narrow may have cells cut. */
  readonly fits?: boolean
}

/**
 * A list's lines: a table, an object a line, or what a template makes of each row.
 * @throws {FormatError}
 * @see https://docs.docker.com/engine/cli/formatting/
 */
export async function listLines(
  rows: readonly Row[],
  layout: ListLayout,
  { format = 'table', fits = true }: ListOptions = {},
): Promise<string[]> {
  const width = fits ? terminalWidth() : undefined
  if (format === 'json') return rows.map((row) => JSON.stringify(row))
  if (format === 'table' || format === '') return [plainTable(rows, layout, width)]
  const { compileTemplate } = await import('./template.ts')
  const [, isTable, text = ''] = /^(table\s+)?([\s\S]*)$/.exec(withEscapes(format)) ?? []
  const template = compileTemplate(text)
  if (isTable === undefined) return rows.map((row) => template(row))
  const headings = template({ ...layout.headings, Label: labelHeading }, { functions: HEADING_FUNCTIONS })
  const cells = rows.map((row) => template(row).split('\t'))
  return [table(headings.split('\t'), cells, { width })]
}

/** Prints a list; a list without rows and headings prints nothing. */
export async function printList(rows: readonly Row[], layout: ListLayout, options: ListOptions = {}): Promise<void> {
  const lines = await listLines(rows, layout, options)
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}

function plainTable(rows: readonly Row[], { headings, columns, paint }: ListLayout, width: number | undefined): string {
  const cells = rows.map((row) => columns.map((field) => String(row[field] ?? '')))
  const painted = paint === undefined ? {} : { paint: (cell: string, column: number) => paint(cell, columns[column] ?? '') }
  return table(
    columns.map((field) => headings[field] ?? field),
    cells,
    { width, ...painted },
  )
}

/** A shell's single quotes leave `\t` as it is; between the actions it is meant as a tab. */
function withEscapes(format: string): string {
  return format.trim().replace(/\{\{[\s\S]*?\}\}|\\t|\\n/g, (found) => (found === '\\t' ? '\t' : found === '\\n' ? '\n' : found))
}

/** What would change a cell leaves its heading as it is. */
const HEADING_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = Object.fromEntries(
  ['json', 'lower', 'upper', 'title', 'truncate', 'pad', 'slice', 'join', 'split'].map((name) => [name, (value: Value) => value]),
)

/** `com.example.some-name` is headed `some name`. */
function labelHeading(name: string): string {
  return (name.split('.').at(-1) ?? name).replace(/[-_]/g, ' ')
}
