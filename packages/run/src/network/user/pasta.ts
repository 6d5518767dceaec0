import { accessSync, constants, existsSync } from 'node:fs'
import type { Obstacle } from '../../user-namespace/obstacles.ts'

/** What pasta makes a container's link with. */
const TUN = '/dev/net/tun'

/**
 * Where pasta(1) is, or why it cannot connect a user's containers.
 * @param path as `PATH` has it
 */
export function pastaIn(path = ''): { readonly pasta: string } | { readonly obstacle: Obstacle } {
  const directories = [...path.split(':').filter((each) => each.startsWith('/')), '/usr/bin', '/usr/local/bin']
  const pasta = directories.map((directory) => `${directory}/pasta`).find((file) => may(file, constants.X_OK))
  if (pasta === undefined) return { obstacle: obstacle('pasta is not installed', 'sudo apt-get install passt') }
  if (!existsSync(TUN)) return { obstacle: obstacle(`there is no ${TUN}`, 'sudo modprobe tun') }
  // pasta opens it as this user.
  if (!may(TUN, constants.R_OK | constants.W_OK)) return { obstacle: obstacle(`${TUN} is root's alone`, `sudo chmod 0666 ${TUN}`) }
  return { pasta }
}

function obstacle(what: string, mend: string): Obstacle {
  return { prevents: 'network', what, mend }
}

function may(file: string, how: number): boolean {
  try {
    accessSync(file, how)
    return true
  } catch {
    return false
  }
}
