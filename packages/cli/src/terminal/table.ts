export interface TableOptions {
  /** Columns of the terminal that it is made to fit, by cutting the widest cells behind the first; nothing is cut where there is none. */
  readonly width?: number | undefined
  /** Colours a cell, which is cut and padded by then. */
  readonly paint?: (cell: string, column: number) => string
}

/** Between two columns. */
const GAP = 3
/** What a cell is never cut below. */
const NARROWEST = 7

/** Rows under their headings, each column as wide as its widest cell and three blanks. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], { width, paint }: TableOptions = {}): string {
  const all = [headings, ...rows]
  const widths = headings.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const limit = width === undefined ? Number.POSITIVE_INFINITY : widestThatFits(widths, width)
  return all.map((row, at) => line(row, { widths, limit, paint: at === 0 ? undefined : paint })).join('\n')
}

interface LineOptions {
  readonly widths: readonly number[]
  readonly limit: number
  readonly paint: ((cell: string, column: number) => string) | undefined
}

function line(row: readonly string[], { widths, limit, paint = (cell) => cell }: LineOptions): string {
  const last = row.findLastIndex((cell) => cell !== '')
  return row
    .slice(0, last + 1)
    .map((cell, column) => {
      // The first one is a name or an id, which half of nobody can use.
      const most = column === 0 ? Number.POSITIVE_INFINITY : limit
      const shown = cell.length > most ? `${cell.slice(0, most - 1)}…` : cell
      const blanks = column === last ? 0 : Math.min(widths[column] ?? 0, most) + GAP - shown.length
      return paint(shown, column) + ' '.repeat(blanks)
    })
    .join('')
}

/** How wide a column behind the first may be so that all of them fit. */
function widestThatFits([first = 0, ...others]: readonly number[], width: number): number {
  const room = width - first - GAP * others.length
  const total = (limit: number) => others.reduce((sum, each) => sum + Math.min(each, limit), 0)
  let limit = Math.max(NARROWEST, ...others)
  while (limit > NARROWEST && total(limit) > room) limit--
  return limit
}
