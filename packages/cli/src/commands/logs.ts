import { parseMoment, type ReadLogsOptions, RunError, readLogBatches } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { LogOutput } from '../log-output.ts'

interface LogsFlags {
  readonly follow?: true
  readonly tail: string
  readonly since?: string
  readonly until?: string
  readonly timestamps?: true
  readonly details?: true
}

export function define(command: Command): void {
  command
    .argument('<container>', 'name or id')
    .option('-f, --follow', 'go on with what it says, until it ends')
    .option('-n, --tail <lines>', 'so many lines from the end', 'all')
    .option('-t, --timestamps', 'put before each line when it was written')
    .option('--since <time>', 'what was written from then on: a date, seconds since 1970, or a span before now such as 10m')
    .option('--until <time>', 'what was written until then')
    .option('--details', "taken for docker's sake: there are none")
    .addHelpText(
      'after',
      '\nExamples:\n  gocker logs web\n  gocker logs -f --tail 20 web\n  gocker logs -t --since 1h30m web 2> errors.txt',
    )
    .action(showLogs)
}

async function showLogs(name: string, flags: LogsFlags): Promise<void> {
  const options = optionsOf(flags)
  const output = new LogOutput({ hasTimes: flags.timestamps === true })
  for await (const records of readLogBatches(await openStore(), name, options)) await output.write(records)
}

function optionsOf({ follow, tail, since, until }: LogsFlags): ReadLogsOptions {
  const lines = numberOfLines(tail)
  return {
    follow: follow === true,
    ...(lines !== undefined && { tail: lines }),
    ...(since !== undefined && { since: parseMoment(since, '--since') }),
    ...(until !== undefined && { until: parseMoment(until, '--until') }),
  }
}

/** As docker has it, a negative number is all of them. */
function numberOfLines(text: string): number | undefined {
  if (text === 'all' || /^-\d+$/.test(text)) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new RunError('INVALID_OPTION', `reading --tail ${JSON.stringify(text)}: neither a number of lines nor all`)
}
