import { pruneCache } from '@gocker/build'
import { parseMemory } from '@gocker/run'
import { openStore } from '@gocker/store'
import { type Command, InvalidArgumentError } from 'commander'
import { interruptible } from '../interrupt.ts'
import { collect } from '../option-values.ts'
import { ago, shortId, size } from '../terminal/amounts.ts'

interface PruneFlags {
  readonly all?: true
  readonly keepStorage?: string
  readonly filter: readonly string[]
}

export function define(command: Command): void {
  command
    .command('prune')
    .summary('Remove what builds keep to be quick')
    .description('Remove what builds keep to be quick: the results of their steps, and the directories of cache mounts')
    .option('-a, --all', 'also steps whose layer an image has, which frees nothing')
    .option('--keep-storage <size>', 'keep this much, such as 10GB: what was used least recently goes first')
    .option('--filter <until=time>', 'only what was not used for that time, such as until=24h', collect, [])
    .option('-f, --force', 'for those who are used to it: nothing is asked')
    .addHelpText('after', '\nExample:\n  gocker builder prune --keep-storage 10GB')
    .action(prune)
}

async function prune({ all = false as never, keepStorage, filter }: PruneFlags): Promise<void> {
  const unusedSince = filter.map(readUntil).at(-1)
  const bytes = keepStorage === undefined ? undefined : parseMemory(keepStorage, 'keep-storage')
  const limits = { ...(bytes !== undefined && { keepStorage: bytes }), ...(unusedSince !== undefined && { unusedSince }) }
  const store = await openStore()
  const { removed, freed, busy } = await interruptible((signal) => pruneCache({ store, all: all === true, ...limits, signal }))
  for (const item of removed) {
    const name = item.kind === 'step' ? shortId(item.name) : item.name
    console.log(`${item.kind} ${name}  ${size(item.size)}, used ${ago(item.lastUsed.getTime())}`)
  }
  if (busy) process.stderr.write('A pull or a build is at work: layers were left for a later prune.\n')
  process.stderr.write(`freed ${size(freed)}\n`)
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `until=24h`, `until=1h30m`; a date is one, too. */
function readUntil(text: string): Date {
  const [, value] = /^until=(.+)$/.exec(text) ?? []
  if (value === undefined) throw new InvalidArgumentError(`--filter ${JSON.stringify(text)}: there is until=TIME alone`)
  if (/^(?:\d+[smhd])+$/.test(value)) {
    const spans = Array.from(value.matchAll(/(\d+)([smhd])/g), ([, count, unit = 's']) => Number(count) * (SECONDS[unit] ?? 1))
    return new Date(Date.now() - spans.reduce((total, seconds) => total + seconds, 0) * 1000)
  }
  const date = new Date(value)
  if (!Number.isNaN(date.getTime())) return date
  throw new InvalidArgumentError(`--filter ${JSON.stringify(text)}: write a time such as 24h or 1h30m, or a date`)
}
