import { availableParallelism } from 'node:os'
import { cpuPercent, type StatsSample } from '@gocker/run'
import type { ContainerRecord } from '@gocker/store'
import { binarySize, shortId, size } from '../terminal/amounts.ts'
import { bar } from '../terminal/bar.ts'

export interface StatsRowOptions {
  /** What was seen before. */
  readonly before: StatsSample | undefined
  readonly trunc: boolean
  /** Columns of the bars behind percentages; 0 is none. */
  readonly barWidth: number
}

/** A container as docker's `stats` templates see it. @see https://docs.docker.com/reference/cli/docker/container/stats/#format */
export function statsRow({ id, name }: ContainerRecord, sample: StatsSample | undefined, { before, trunc, barWidth }: StatsRowOptions) {
  const { cpu, memory } = percentages(sample, before)
  const percent = (value: number, share: number) => {
    const text = `${value.toFixed(2)}%`
    return barWidth === 0 ? text : `${text.padEnd(7)} ${bar(share, barWidth)}`
  }
  return {
    BlockIO: `${size(sample?.blocks.read ?? 0)} / ${size(sample?.blocks.written ?? 0)}`,
    CPUPerc: percent(cpu, cpu / 100 / availableParallelism()),
    Container: trunc ? shortId(id) : id,
    ID: trunc ? shortId(id) : id,
    MemPerc: percent(memory, memory / 100),
    MemUsage: `${binarySize(sample?.memory ?? 0)} / ${binarySize(sample?.memoryLimit ?? 0)}`,
    Name: name,
    NetIO: `${size(sample?.network.received ?? 0)} / ${size(sample?.network.sent ?? 0)}`,
    PIDs: `${sample?.processes ?? 0}`,
  }
}

function percentages(sample: StatsSample | undefined, before: StatsSample | undefined): { cpu: number; memory: number } {
  if (sample === undefined) return { cpu: 0, memory: 0 }
  return {
    cpu: before === undefined ? 0 : cpuPercent(before, sample),
    memory: sample.memoryLimit > 0 ? (sample.memory / sample.memoryLimit) * 100 : 0,
  }
}
