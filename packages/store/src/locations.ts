import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { StoreOptions } from './store.ts'

/**
 * Where the store is: as asked, as the environment says, or as it is the custom.
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function storeLocations(options: StoreOptions, environment: NodeJS.ProcessEnv = process.env): { root: string; run: string } {
  const isRoot = process.getuid?.() === 0
  const own = () => join(environment.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'gocker')
  const root = withoutSlash(options.root ?? (environment.GOCKER_ROOT || (isRoot ? '/var/lib/gocker' : own())))
  // Without a runtime directory the root serves: pids with their start times are told from those before a reboot.
  const runtime = environment.XDG_RUNTIME_DIR || runtimeDirectory()
  const ownRun = runtime === undefined ? `${root}/run` : `${runtime}/gocker`
  const run = withoutSlash(options.run ?? (environment.GOCKER_RUN || (isRoot ? '/run/gocker' : ownRun)))
  return { root, run }
}

/** Of a user who is logged in elsewhere: `su` and `sudo -u` do not tell of it, and his containers are the same in both. */
function runtimeDirectory(): string | undefined {
  const directory = `/run/user/${process.getuid?.()}`
  return statSync(directory, { throwIfNoEntry: false })?.uid === process.getuid?.() ? directory : undefined
}

/** Names are put together with one between them. */
function withoutSlash(directory: string): string {
  return directory.replace(/(?<=.)\/+$/, '')
}
