import { setTimeout } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { type StatsSample, sampleStats } from '@gocker/run'
import { type ContainerRecord, openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'
import { type ListLayout, listLines } from '../format/list.ts'
import { interruptible } from '../interrupt.ts'
import { colourOfShare, shareOf } from '../terminal/bar.ts'
import { coloured, terminalWidth } from '../terminal/colour.ts'
import { LiveScreen } from '../terminal/live-screen.ts'
import { statsRow } from '../views/stats-row.ts'

interface StatsFlags {
  readonly all?: true
  readonly format?: string
  readonly stream: boolean
  readonly trunc: boolean
}

export function define(command: Command): void {
  command
    .argument('[container...]', 'names or ids; all that run unless given')
    .option('-a, --all', 'also those that do not run')
    .option('--format <format>', 'table, json, or a template such as {{.Name}}: {{.CPUPerc}}')
    .option('--no-stream', 'once, and not over and over')
    .option('--no-trunc', 'print ids whole')
    .addHelpText('after', "\nExamples:\n  gocker stats\n  gocker stats --no-stream --format '{{.Name}}: {{.MemUsage}}' web")
    .action(showStats)
}

const LAYOUT: ListLayout = {
  headings: {
    ID: 'CONTAINER ID',
    Container: 'CONTAINER',
    Name: 'NAME',
    CPUPerc: 'CPU %',
    MemUsage: 'MEM USAGE / LIMIT',
    MemPerc: 'MEM %',
    NetIO: 'NET I/O',
    BlockIO: 'BLOCK I/O',
    PIDs: 'PIDS',
  },
  columns: ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'],
  paint,
}
/** The widest that fits is taken. */
const BAR_WIDTHS = [20, 10, 6, 4]
/** Milliseconds between two looks. */
const FIRST_LOOK = 500
const NEXT_LOOK = 1000

async function showStats(names: readonly string[], flags: StatsFlags): Promise<void> {
  const store = await openStore()
  const watch = new Watch(store, names, flags)
  await watch.look()
  await interruptible(async (signal) => {
    await setTimeout(FIRST_LOOK, undefined, { signal }).catch(ignoreAbort)
    if (!flags.stream) return void process.stdout.write(text(await watch.lines()))
    await showOverAndOver(watch, signal)
  })
}

async function showOverAndOver(watch: Watch, signal: AbortSignal): Promise<void> {
  const screen = process.stdout.isTTY ? new LiveScreen() : undefined
  try {
    while (!signal.aborted) {
      const lines = await watch.lines()
      if (screen === undefined) process.stdout.write(text(lines))
      else screen.draw(lines.flatMap((line) => line.split('\n')))
      await setTimeout(NEXT_LOOK, undefined, { signal }).catch(ignoreAbort)
    }
  } finally {
    screen?.close()
  }
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** Who has asked for an end gets it. */
function ignoreAbort(error: Error): void {
  if (error.name !== 'AbortError') throw error
}

/** Looks at containers again and again, and remembers what was seen last: processor time is told between two looks. */
class Watch {
  readonly #store: Store
  readonly #names: readonly string[]
  readonly #flags: StatsFlags
  #before = new Map<string, StatsSample>()

  constructor(store: Store, names: readonly string[], flags: StatsFlags) {
    this.#store = store
    this.#names = names
    this.#flags = flags
  }

  async lines(): Promise<string[]> {
    const before = this.#before
    const seen = await this.look()
    const rows = (barWidth: number) =>
      seen.map(({ record, sample }) => statsRow(record, sample, { before: before.get(record.id), trunc: this.#flags.trunc, barWidth }))
    const { format, trunc } = this.#flags
    const width = terminalWidth()
    // A terminal has room for bars where nobody has said what is to be shown.
    if (width !== undefined && (format === undefined || format === 'table'))
      for (const barWidth of BAR_WIDTHS) {
        const lines = await listLines(rows(barWidth), LAYOUT, { fits: false })
        if (widestOf(lines) <= width) return lines
      }
    return await listLines(rows(0), LAYOUT, { format, fits: trunc })
  }

  async look(): Promise<{ record: ContainerRecord; sample: StatsSample | undefined }[]> {
    const records = await this.#records()
    const seen = await Promise.all(records.map(async (record) => ({ record, sample: await sampleStats(this.#store, record) })))
    this.#before = new Map(seen.flatMap(({ record, sample }) => (sample === undefined ? [] : [[record.id, sample] as const])))
    const isAll = this.#flags.all === true || this.#names.length > 0
    return seen.filter(({ sample }) => isAll || sample !== undefined)
  }

  async #records(): Promise<ContainerRecord[]> {
    const { containers } = this.#store
    return this.#names.length === 0 ? await containers.list() : await Promise.all(this.#names.map((name) => containers.get(name)))
  }
}

function widestOf(lines: readonly string[]): number {
  return Math.max(
    ...stripVTControlCharacters(lines.join('\n'))
      .split('\n')
      .map((line) => line.length),
  )
}

/** The bar behind a percentage. */
function paint(cell: string): string {
  return cell.replace(/(?<=% +)[█▏▎▍▌▋▊▉░]+$/, (shown) => coloured(colourOfShare(shareOf(shown)), shown))
}
