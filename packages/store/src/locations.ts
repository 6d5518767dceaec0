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
  const ownRun = environment.XDG_RUNTIME_DIR ? `${environment.XDG_RUNTIME_DIR}/gocker` : `${root}/run`
  const run = withoutSlash(options.run ?? (environment.GOCKER_RUN || (isRoot ? '/run/gocker' : ownRun)))
  return { root, run }
}

/** Names are put together with one between them. */
function withoutSlash(directory: string): string {
  return directory.replace(/(?<=.)\/+$/, '')
}
