import type { Named } from './model.ts'

/** The words behind `gocker` that print the names, for each kind of names that gocker knows. */
export const NAME_COMMANDS: Readonly<Record<Exclude<Named, 'files' | 'things'>, readonly string[]>> = {
  containers: ['ps', '-a', '--format', '{{.Names}}'],
  running: ['ps', '--format', '{{.Names}}'],
  images: ['images', '--filter', 'dangling=false', '--format', '{{.Repository}}:{{.Tag}}'],
  volumes: ['volume', 'ls', '-q'],
  networks: ['network', 'ls', '--format', '{{.Name}}'],
}

/** What can be inspected. */
export const THINGS = ['containers', 'images', 'volumes', 'networks'] as const

/** A word for every shell that there is. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`
}
