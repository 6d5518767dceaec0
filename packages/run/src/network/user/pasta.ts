import { accessSync, constants } from 'node:fs'

/** Where pasta(1) is; undefined where it is not installed. */
export function pastaIn(path = ''): string | undefined {
  const directories = [...path.split(':').filter((each) => each.startsWith('/')), '/usr/bin', '/usr/local/bin']
  return directories.map((directory) => `${directory}/pasta`).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
