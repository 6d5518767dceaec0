import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url))

/** How gocker is started: from its source, or the bundle that `GOCKER_TEST_BUNDLE` names. */
export function gockerCommand(args: readonly string[]): string[] {
  const bundle = process.env.GOCKER_TEST_BUNDLE
  // As its first line has it: without -- Node takes gocker's --env-file for its own.
  return [process.execPath, '--', bundle ? resolve(bundle) : MAIN, ...args]
}

/** What of the tester's own settings would change what gocker does, or what it prints. */
const NOT_HANDED_ON = /^(GOCKER_.*|DOCKER_.*|XDG_.*|REGISTRY_AUTH_FILE|NODE_.*|FORCE_COLOR|NO_COLOR|CI|.*_proxy)$/i

/**
 * The environment of a gocker whose files all lie below `root`: store, run directory and home. Its layers are what `GOCKER_TEST_LAYER_FORMAT` says,
 * where that is set.
 */
export function gockerEnvironment(root: string, env: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_HANDED_ON.test(name))
  const { GOCKER_TEST_LAYER_FORMAT: format } = process.env
  const own = {
    HOME: root,
    GOCKER_ROOT: join(root, 'store'),
    GOCKER_RUN: join(root, 'run'),
    ...(format && { GOCKER_LAYER_FORMAT: format }),
  }
  return { ...Object.fromEntries(inherited), ...own, ...env }
}
