import { parseDuration, RunError, runtimeEvents } from '@gocker/run'
import type { Call } from './runtime-action.ts'

/** Goes on until the container has stopped, a line for each. */
export async function events({ global, words: [id], flags }: Call): Promise<undefined> {
  const interval = parseDuration(flags.interval as string, 'interval') / 1e6
  if (interval === 0) throw new RunError('INVALID_OPTION', 'reading --interval 0: it has to be longer')
  for await (const event of runtimeEvents(global.home, id as string, flags.stats === true ? {} : { interval }))
    process.stdout.write(`${JSON.stringify(event)}\n`)
}
