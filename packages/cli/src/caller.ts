import type { Caller } from '@gocker/run'
import type { Store } from '@gocker/store'

/** This very gocker, called again with the same store when a detached container has ended. */
export function caller({ paths }: Store): Caller {
  const { PATH = '', HOME = '' } = process.env
  const variables = { GOCKER_ROOT: paths.root, GOCKER_RUN: paths.run, PATH, HOME }
  return {
    command: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
  }
}
