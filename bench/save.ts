import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Report, reportText, type Table, tableText } from './report.ts'

/** What a bench found, and when, on which machine, how busy. */
export interface SavedReport extends Report {
  readonly machine: string
  /** Of the last minute, when it ended. */
  readonly load: number
  readonly date: string
}

type Saved = Readonly<Record<string, SavedReport>>

const FIGURES_HEAD = `## What it costs

By \`pnpm bench --save\`; [bench/README.md](bench/README.md) says on which machine, how it is measured, and all of it.`

const RESULTS = pathOf('results.json')

/** Keeps results beside those of other benches, and writes what both READMEs say of all of them. */
export function saveResults(results: Saved): void {
  const all: Saved = { ...(existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as Saved) : {}), ...results }
  writeFileSync(RESULTS, `${JSON.stringify(all, rounded, 1)}\n`)
  const sections = Object.entries(all).map(([name, report]) => `## ${name}\n\n${circumstances(report)}\n\n${reportText(report)}`)
  replaceBetween('README.md', 'results', ['# Results\n', ...sections].join('\n'))
  const figures = Object.values(all).flatMap(({ tables }) => tables.flatMap(figureOf))
  replaceBetween('../README.md', 'figures', figures.length === 0 ? '' : `${FIGURES_HEAD}\n\n${tableText(figures)}`)
}

/** Six digits say more than a timing knows. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value
}

function circumstances({ machine, load, date }: SavedReport): string {
  return `${date}, ${machine}; load ${load.toFixed(1)}.`
}

/** gocker's time, and how many times as long the others take; nothing where there is nobody else. */
function figureOf({ title, rows }: Table): Table['rows'] {
  const own = rows.find(({ what }) => `${what}`.startsWith('gocker'))
  const others = rows.filter((row) => row !== own && row['median ms'] !== undefined)
  if (own?.['median ms'] === undefined || others.length === 0) return []
  const times = others.map((row) => `${row.what} ${(Number(row['median ms']) / Number(own['median ms'])).toFixed(1)}`)
  return [{ what: title, 'gocker, ms': Math.round(Number(own['median ms'])), 'times as long': times.join(', ') }]
}

/** @throws {Error} when the file has no such markers */
function replaceBetween(file: string, name: string, text: string): void {
  const path = pathOf(file)
  const before = readFileSync(path, 'utf8')
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`].map((marker) => before.indexOf(marker)) as [number, number]
  if (start < 0 || end < start) throw new Error(`${path}: there is no place for the ${name}`)
  writeFileSync(path, `${before.slice(0, start)}<!-- ${name} -->\n\n${text.trim()}\n\n${before.slice(end)}`)
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}
