import { normalize } from 'node:path/posix'
import { invalidOption } from '../error.ts'

/** Where something is mounted in the container: absolute, normal, and not the root itself. */
export function readDestination(path: string, what: string, text: string): string {
  if (!path.startsWith('/')) throw invalidOption(what, text, `the path in the container, ${JSON.stringify(path)}, is not absolute`)
  const destination = normalize(path).replace(/(?<=.)\/$/, '')
  if (destination === '/') throw invalidOption(what, text, "nothing can be mounted over the container's /")
  if (destination === '/proc' || destination.startsWith('/proc/')) throw invalidOption(what, text, "/proc is the kernel's own")
  return destination
}

export function readVolumeName(name: string, what: string, text: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return name
  const hint = name.includes('/') ? 'a directory of the host is written as an absolute path, or with ./ before it' : undefined
  throw invalidOption(what, text, `${JSON.stringify(name)} is not a volume's name: two or more letters, digits, _ . and -`, hint)
}
