import { measure } from './measure.ts'
import { table } from './report.ts'
import { GOCKER, NODE, storeWithDebian } from './subjects.ts'

/** A container from nothing to nothing. */
export async function run(runs: number): Promise<string> {
  const { environment, remove } = await storeWithDebian()
  try {
    const measured = measure(
      [
        { name: 'node -e 0', command: [NODE, '-e', '0'] },
        { name: 'gocker run', command: [NODE, GOCKER, 'run', '--rm', '--network', 'none', 'debian', 'true'], environment },
      ],
      { runs },
    )
    return table('run --rm --network none debian true', measured, 'node -e 0')
  } finally {
    remove()
  }
}
