import { readFileSync } from 'node:fs'

/** Set in the bundle; from source it is read from package.json. */
export const VERSION: string =
  process.env.GOCKER_VERSION ??
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

export function versionLine(): string {
  return `gocker version ${VERSION}`
}
