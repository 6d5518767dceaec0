import { become } from '@gocker/kernel'
import { storeLocations } from '@gocker/store'
import { enterProgram, type FailedStep } from './enter-program.ts'
import { idMapsOf } from './id-maps.ts'
import { enterMembers } from './members.ts'
import { idsObstacle, namespaceRefused, type Obstacle } from './obstacles.ts'

export interface EnterOptions {
  /** What goes on in the namespace: this program with its words, unless given. */
  readonly command?: readonly string[]
  /** Told what the namespace will have to do without, before this process goes on in it. */
  readonly onEvent?: (event: EnterEvent) => void
}

/** There is a single user id: every file and process is the user's own. */
export interface EnterEvent {
  readonly type: 'single-id'
  readonly obstacle: Obstacle
}

/** Says to the program that begins again that there was no namespace for it. */
const REFUSED = 'GOCKER_NO_USER_NAMESPACE'

/**
 * Makes root of an ordinary user, in a user namespace: this process is replaced by the same program, which begins again, and finds itself root over
 * what is the user's, with the store that he has. To be called before anything else is done, as nothing of this process stays but its pid, its terminal
 * and what stdin, stdout and stderr are. For root it does nothing.
 * @throws {RunError} `NO_USER_NAMESPACE` where the kernel gives none, with what mends it
 * @see user_namespaces(7)
 */
export function enterUserNamespace(options: EnterOptions = {}): void {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  if (uid === 0) return
  const refused = process.env[REFUSED] as FailedStep | undefined
  if (refused !== undefined) throw namespaceRefused(refused, uid)
  const { command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)], onEvent } = options
  const { root, run } = storeLocations({})
  const obstacle = idsObstacle(uid)
  if (obstacle !== undefined) onEvent?.({ type: 'single-id', obstacle })
  const { joined, lock } = enterMembers(run)
  const env = Object.entries({ ...process.env, GOCKER_ROOT: root, GOCKER_RUN: run }).map(([name, value]) => `${name}=${value}`)
  const onFailure = (step: FailedStep) => `${REFUSED}=${step}`
  const facts = { pid: process.pid, maps: idMapsOf({ uid, gid }), member: joined, lock, command, env, onFailure }
  become(enterProgram(facts), { title: 'gocker', directory: run })
}
