import { cpus, release, totalmem } from 'node:os'
import type { Measured } from './measure.ts'

/** Medians, ranges and ratios to the reference, as a Markdown table. */
export function table(title: string, measured: readonly Measured[], reference: string): string {
  const base = measured.find(({ name }) => name === reference)?.median ?? Number.NaN
  const rows = measured.map(({ name, times, median }) => {
    const [least, most] = [times[0] ?? Number.NaN, times.at(-1) ?? Number.NaN]
    return `| ${name} | ${median.toFixed(1)} | ${least.toFixed(1)} to ${most.toFixed(1)} | ${(median / base).toFixed(2)} |`
  })
  return [`### ${title}`, '', `| what | median ms | range | ratio to ${reference} |`, '| --- | --- | --- | --- |', ...rows, ''].join('\n')
}

export function machine(): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${memory} GiB, Linux ${release()}, Node ${process.version}`
}
