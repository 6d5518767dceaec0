import { cpus, release, totalmem } from 'node:os'
import type { Measured } from './measure.ts'
import { median, type Usage } from './usage.ts'

/** What a bench found. */
export interface Report {
  readonly tables: readonly Table[]
  /** Who could not take part, and why. */
  readonly missing?: readonly string[]
}

/** The names of a row's cells are the columns' heads. */
export interface Table {
  readonly title: string
  readonly rows: readonly Readonly<Record<string, string | number>>[]
}

/** Medians, ranges and ratios to the reference. */
export function timeTable(title: string, measured: readonly Measured[], reference: string): Table {
  const base = measured.find(({ name }) => name === reference)?.median ?? Number.NaN
  const rows = measured.map(({ name, times, median }) => ({ what: name, ...spread(times), [`ratio to ${reference}`]: median / base }))
  return { title, rows }
}

/** The same, with processor time and memory. */
export function usageTable(title: string, usages: readonly Usage[], reference: string): Table {
  const base = usages.find(({ name }) => name === reference)
  const ratio = (usage: Usage, what: 'wall' | 'cpu') => median(usage[what]) / median(base?.[what] ?? [])
  const rows = usages.map((usage) => ({
    what: usage.name,
    ...spread(usage.wall),
    [`ratio to ${reference}`]: ratio(usage, 'wall'),
    'CPU ms': median(usage.cpu),
    'CPU ratio': ratio(usage, 'cpu'),
    'peak MiB': median(usage.memory),
  }))
  return { title, rows }
}

function spread(sorted: readonly number[]) {
  return { 'median ms': median(sorted), least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN }
}

/** As Markdown. */
export function reportText({ tables, missing = [] }: Report): string {
  return [...tables.map(({ title, rows }) => `### ${title}\n\n${tableText(rows)}`), ...missing.map((text) => `${text}\n`)].join('\n')
}

/** Rows as Markdown. */
export function tableText(rows: Table['rows']): string {
  const heads = Object.keys(rows[0] ?? {})
  const lines = rows.map((row) => heads.map((head) => cellText(row[head] ?? '')))
  return [...[heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`), ''].join('\n')
}

function cellText(cell: string | number): string {
  if (typeof cell === 'string' || Number.isInteger(cell)) return `${cell}`
  return cell.toFixed(cell >= 100 ? 0 : cell >= 10 ? 1 : 2)
}

export function machine(): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${memory} GiB, Linux ${release()}, Node ${process.version}`
}
