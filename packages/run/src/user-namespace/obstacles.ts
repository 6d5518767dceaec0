import { readFileSync } from 'node:fs'
import { ownsCgroups } from '@gocker/kernel'
import { RunError } from '../error.ts'
import { carrierIn } from '../network/user/carriers.ts'
import type { FailedStep } from './enter-program.ts'
import { type MissingIds, missingIds } from './id-maps.ts'
import { userName } from './user-name.ts'

/** Something that stands between an ordinary user and containers. */
export interface Obstacle {
  /** `namespace`: nothing works; `ids`: files and processes have one owner; `network`: it is the host's, or none; `limits`: none are held. */
  readonly prevents: 'namespace' | 'ids' | 'network' | 'limits'
  /** Such as `user.max_user_namespaces is 0`. */
  readonly what: string
  /** The command that mends it. */
  readonly mend: string
}

interface Setting {
  readonly name: string
  /** The value with which there are no user namespaces for users. */
  readonly refuses: string
  readonly mended: string
}

/** @see user_namespaces(7), and Debian's and Ubuntu's own settings */
const SETTINGS: readonly Setting[] = [
  { name: 'user.max_user_namespaces', refuses: '0', mended: '15000' },
  { name: 'kernel.unprivileged_userns_clone', refuses: '0', mended: '1' },
  { name: 'kernel.apparmor_restrict_unprivileged_userns', refuses: '1', mended: '0' },
]

const NO_CGROUPS: Obstacle = {
  prevents: 'limits',
  what: 'no cgroup belongs to this user',
  mend: 'systemd-run --user --scope -p Delegate=yes gocker …',
}

/** What stands in the way of an ordinary user here, as far as it can be seen without trying. */
export function obstaclesFor(uid: number): Obstacle[] {
  const refusing = SETTINGS.filter(({ name, refuses }) => settingOf(name) === refuses)
  const ids = idsObstacle(uid)
  const network = carrierIn(process.env.PATH)
  return [
    ...refusing.map(({ name, refuses, mended }) => ({
      prevents: 'namespace' as const,
      what: `${name} is ${refuses}`,
      mend: `sudo sysctl -w ${name}=${mended}`,
    })),
    ...(ids === undefined ? [] : [ids]),
    ...('obstacle' in network ? [network.obstacle] : []),
    ...(ownsCgroups() ? [] : [NO_CGROUPS]),
  ]
}

/** Why a user has no ids but his own; undefined where he has others. */
export function idsObstacle(uid: number): Obstacle | undefined {
  const missing = missingIds(uid)
  return missing === undefined ? undefined : obstacleOf(missing, uid)
}

/** Why a user's gocker could not become root in a user namespace. */
export function namespaceRefused(step: FailedStep, uid: number): RunError {
  const found = obstaclesFor(uid).find(({ prevents }) => prevents === 'namespace')
  const what = `making a user namespace for user ${uid}`
  if (found !== undefined) return new RunError('NO_USER_NAMESPACE', `${what}: ${found.what}`, { hint: found.mend })
  return new RunError('NO_USER_NAMESPACE', `${what}: ${REASONS[step].why}`, { hint: REASONS[step].hint })
}

const REASONS: Readonly<Record<FailedStep, { readonly why: string; readonly hint: string }>> = {
  make: { why: 'the kernel refuses it', hint: 'inside of a container, its seccomp profile may: otherwise try it with sudo' },
  map: { why: 'its ids could not be mapped', hint: 'see whether /etc/subuid and /etc/subgid give this user ranges of his own' },
  mount: { why: 'it has no rights, which a security module such as AppArmor takes away', hint: 'try it with sudo' },
}

function obstacleOf(missing: MissingIds, uid: number): Obstacle {
  const user = userName(uid) ?? `${uid}`
  const ids = {
    'no newuidmap': { what: 'newuidmap and newgidmap are not installed', mend: 'sudo apt-get install uidmap' },
    'newuidmap without rights': {
      what: 'newuidmap or newgidmap has lost its setuid bit',
      mend: 'sudo chmod u+s "$(command -v newuidmap)" "$(command -v newgidmap)"',
    },
    'no subordinate ids': {
      what: `user ${user} has no ids in /etc/subuid and /etc/subgid`,
      mend: `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user}`,
    },
  }
  return { prevents: 'ids', ...ids[missing] }
}

function settingOf(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'latin1').trim()
  } catch {
    return undefined
  }
}
