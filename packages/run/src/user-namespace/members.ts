import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs'
import { flock, keepOverExec, processStartTime } from '@gocker/kernel'
import { isAlive, type ProcessIdentity } from '@gocker/store'

/** Who is in this user's namespace, held so that nobody else makes one meanwhile. */
export interface Members {
  /** A process whose namespace is to be joined; undefined: there is none yet. */
  readonly joined: number | undefined
  /** Open over exec: to close it lets others in. */
  readonly lock: number
}

/**
 * Containers can be stopped, entered and looked at only from the user namespace that they were made in, so that a user has one as long as
 * anything of his runs, and no process is there only to keep it.
 * @param run the run directory, which is the user's own
 */
export function enterMembers(run: string): Members {
  mkdirSync(run, { recursive: true, mode: 0o700 })
  const lock = openSync(`${run}/user-namespace`, 'a+', 0o600)
  try {
    flock(lock, 'exclusive', { wait: true })
    const known = linesOf(readFileSync(lock, 'latin1')).filter(isInside)
    const joined = known[0] ?? containerProcesses(run).find(isInside)
    const self = { pid: process.pid, startTime: processStartTime(process.pid) ?? 0 }
    ftruncateSync(lock)
    writeSync(lock, [...known, self].map(({ pid, startTime }) => `${pid} ${startTime}\n`).join(''))
    keepOverExec(lock)
    return { joined: joined?.pid, lock }
  } catch (error) {
    closeSync(lock)
    throw error
  }
}

function linesOf(text: string): ProcessIdentity[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ').map(Number))
    .map(([pid = 0, startTime = 0]) => ({ pid, startTime }))
}

/** Monitors first: a container's own process may be in a namespace further in. */
function containerProcesses(run: string): ProcessIdentity[] {
  const states = readdirSync(run)
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .map((name) => stateIn(`${run}/${name}/state.json`))
  return states.flatMap(({ monitor, sleeper, ...container }) => [monitor, sleeper, container]).filter((each) => each !== undefined)
}

type State = Partial<ProcessIdentity> & { readonly monitor?: ProcessIdentity; readonly sleeper?: ProcessIdentity }

function stateIn(file: string): State & ProcessIdentity {
  const nobody = { pid: 0, startTime: 0 }
  try {
    return { ...nobody, ...(JSON.parse(readFileSync(file, 'utf8')) as State) }
  } catch {
    return nobody
  }
}

/** Alive, and in a user namespace of its own. */
function isInside(identity: ProcessIdentity): boolean {
  const namespace = isAlive(identity) ? namespaceOf(identity.pid) : undefined
  return namespace !== undefined && namespace !== namespaceOf(process.pid)
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/user`)
  } catch {
    return undefined
  }
}
