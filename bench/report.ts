import { cpus, release, totalmem } from 'node:os'
import type { Measured } from './measure.ts'
import { median, type Usage } from './usage.ts'

/** Medians, ranges and ratios to the reference, as a Markdown table. */
export function table(title: string, measured: readonly Measured[], reference: string): string {
  const base = measured.find(({ name }) => name === reference)?.median ?? Number.NaN
  const rows = measured.map(({ name, times, median }) => {
    const [least, most] = [times[0] ?? Number.NaN, times.at(-1) ?? Number.NaN]
    return `| ${name} | ${median.toFixed(1)} | ${least.toFixed(1)} to ${most.toFixed(1)} | ${(median / base).toFixed(2)} |`
  })
  return [`### ${title}`, '', `| what | median ms | range | ratio to ${reference} |`, '| --- | --- | --- | --- |', ...rows, ''].join('\n')
}

/** Medians of time, processor time and memory, with ratios of the first two to the reference. */
export function usageTable(title: string, usages: readonly Usage[], reference: string): string {
  const base = usages.find(({ name }) => name === reference)
  const ratio = (usage: Usage, what: 'wall' | 'cpu') => (median(usage[what]) / median(base?.[what] ?? [])).toFixed(2)
  const rows = usages.map((usage) => {
    const { name, wall, cpu, memory } = usage
    const range = `${(wall[0] ?? Number.NaN).toFixed(0)} to ${(wall.at(-1) ?? Number.NaN).toFixed(0)}`
    const [time, spent, resident] = [wall, cpu, memory].map((sorted) => median(sorted).toFixed(0))
    return `| ${name} | ${time} | ${range} | ${ratio(usage, 'wall')} | ${spent} | ${ratio(usage, 'cpu')} | ${resident} |`
  })
  const head = `| what | median ms | range | ratio to ${reference} | CPU ms | ratio | peak MiB |`
  return [`### ${title}`, '', head, '| --- | --- | --- | --- | --- | --- | --- |', ...rows, ''].join('\n')
}

export function machine(): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${memory} GiB, Linux ${release()}, Node ${process.version}`
}
