import { measure } from './measure.ts'
import { table } from './report.ts'
import { GOCKER, NODE } from './subjects.ts'

/** What a command costs before it does anything. */
export function boot(runs: number): string {
  const measured = measure(
    [
      { name: 'node -e 0', command: [NODE, '-e', '0'] },
      { name: 'gocker --version', command: [NODE, GOCKER, '--version'] },
      { name: 'gocker --help', command: [NODE, GOCKER, '--help'] },
    ],
    { runs },
  )
  return table('boot', measured, 'node -e 0')
}
