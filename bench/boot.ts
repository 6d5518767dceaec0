import { measure } from './measure.ts'
import { type Report, timeTable } from './report.ts'
import { GOCKER, NODE } from './subjects.ts'

/** What a command costs before it does anything. */
export function boot(runs: number): Report {
  const measured = measure(
    [
      { name: 'node -e 0', command: [NODE, '-e', '0'] },
      { name: 'gocker --version', command: [NODE, GOCKER, '--version'], check: expectVersion },
      { name: 'gocker --help', command: [NODE, GOCKER, '--help'] },
    ],
    { runs },
  )
  return { tables: [timeTable('boot', measured, 'node -e 0')] }
}

function expectVersion(said: string): void {
  if (!/^gocker version \d/.test(said)) throw new Error(`gocker --version says ${JSON.stringify(said)}`)
}
